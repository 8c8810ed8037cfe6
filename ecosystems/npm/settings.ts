import { listField, urlField } from '@sluice/runtime';
import { type RegistryDocument } from '@sluice/registries';
import { plainAddress } from '@sluice/contracts';
import { z } from 'zod';
import { readNpmCredentials } from './credentials.ts';

/** Short forms of npm's part of REGISTRIES. */
export const npmAddresses = {
  /** The npm registry. A configured one may have a private address and plain http. */
  NPM_REGISTRY_URL: urlField('https', 'http').optional(),
  /** Further addresses that stand for that registry in lockfiles, with commas; nothing is fetched from them. */
  NPM_REGISTRY_ALIASES: listField().pipe(z.array(urlField('https', 'http'))),
  /** Registries of scopes, `@scope=https://registry.example/npm/`, with commas. */
  NPM_SCOPED_REGISTRIES: listField().transform((entries, context) => {
    const registries: [scope: string, registry: { url: string }][] = [];
    for (const entry of entries) {
      const [, scope, url = ''] = /^(@[^/=]+)=(.*)$/.exec(entry) ?? [];
      if (scope && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol))
        registries.push([scope, { url }]);
      else context.addIssue('must be @scope=https://registry, with commas');
    }
    return registries;
  }),
};

/** Short forms of its secrets. */
export const npmSecrets = {
  /** Token for a registry that asks for one. */
  NPM_REGISTRY_TOKEN: z.string().optional(),
  /** Credentials of registries, in lines of an .npmrc: `//registry.example/:_authToken=…`. */
  NPM_CREDENTIALS: z.string().default(''),
};

type NpmConfig = z.infer<z.ZodObject<typeof npmAddresses>> & Partial<z.infer<z.ZodObject<typeof npmSecrets>>>;

/** The registries that the short forms name; null without an address. */
export function npmDocument(config: NpmConfig): RegistryDocument | null {
  const { NPM_REGISTRY_URL: url, NPM_REGISTRY_TOKEN: token, NPM_CREDENTIALS: npmrc = '' } = config;
  if (url === undefined) return null;
  const own = token === undefined ? [] : [{ below: plainAddress(url), authorization: `Bearer ${token}` }];
  return {
    url,
    aliases: config.NPM_REGISTRY_ALIASES,
    hosts: [],
    scopes: Object.fromEntries(config.NPM_SCOPED_REGISTRIES),
    credentials: [...own, ...readNpmCredentials(npmrc)],
  };
}
