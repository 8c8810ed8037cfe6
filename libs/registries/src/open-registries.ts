import { readFile } from 'node:fs/promises';
import { PermanentError, plainAddress } from '@sluice/contracts';
import { createEgress, type EgressOptions } from '@sluice/egress';
import { egressOptions, type EgressConfig, type ServiceContext } from '@sluice/runtime';
import type { Credential } from './credentials.ts';
import type { Registries, RegistryClient } from './registry.ts';
import { type RegistryDocument, type RegistrySettings } from './registry-settings.ts';

export interface OpenRegistriesOptions extends Partial<EgressOptions> {
  clients: readonly RegistryClient[];
  /** Root of trust for attestations, as JSON; the one that is shipped when left out. */
  trustedRoot?: string | undefined;
  /** By purl type. */
  documents: ReadonlyMap<string, RegistryDocument>;
}

/**
 * A service's clients of the configured registries, closed when it stops.
 * @param options limits of their egress, and which hosts are paused.
 * @throws PermanentError `config.invalid` without any registry, for an ecosystem that is not known, and for a token that
 * cannot be read.
 */
export async function openRegistries(
  { config, onStop }: Pick<ServiceContext<EgressConfig>, 'config' | 'onStop'>,
  { clients, documents, trustedRoot, ...options }: OpenRegistriesOptions,
): Promise<Registries> {
  if (documents.size === 0)
    throw new PermanentError('config.invalid', 'REGISTRIES: there is no registry; set it or a short form.');
  const general = egressOptions(config);
  const all = [...documents.values()];
  const egress = createEgress({
    ...general,
    allowHosts: [
      ...general.allowHosts,
      ...all.flatMap(({ hosts }) => hosts.filter((host) => !isOrigin(host))),
    ],
    trustedOrigins: all.flatMap(({ url, scopes, hosts }) => [
      url,
      ...Object.values(scopes).map((one) => one.url),
      ...hosts.filter(isOrigin),
    ]),
    ...options,
  });
  onStop('egress', () => egress.close());
  const opened = [...documents].map(async ([type, document]) => {
    const client = clients.find((one) => one.type === type);
    if (!client) {
      const known = clients.map((one) => one.type).join(', ');
      throw new PermanentError('config.invalid', `REGISTRIES: "${type}" is none of ${known}.`);
    }
    checkSupported(client, document);
    return [type, client.open({ ...(await settingsOf(type, document)), trustedRoot }, egress)] as const;
  });
  return new Map(await Promise.all(opened));
}

/** An operator who writes a whole origin means it as the registry's own: it may have a private address. */
function isOrigin(host: string): boolean {
  return /^https?:\/\//.test(host);
}

/** @throws PermanentError `config.invalid` for a protocol that the ecosystem does not have, and for keys where there are none. */
function checkSupported(
  { type, protocols = [], hasKeys = false }: RegistryClient,
  { protocol, scopes, keysFile }: RegistryDocument,
): void {
  if (keysFile !== undefined && !hasKeys)
    throw new PermanentError('config.invalid', `REGISTRIES: ${type}.keysFile: its registries do not sign.`);
  for (const named of [protocol, ...Object.values(scopes).map((scope) => scope.protocol)]) {
    if (named === undefined || protocols.includes(named)) continue;
    const known = protocols.length > 0 ? `is none of ${protocols.join(', ')}` : 'is not for this ecosystem';
    throw new PermanentError('config.invalid', `REGISTRIES: ${type}.protocol: "${named}" ${known}.`);
  }
}

async function settingsOf(type: string, document: RegistryDocument): Promise<RegistrySettings> {
  const scoped = Object.entries(document.scopes);
  const tokens = [
    ['url', document] as const,
    ...scoped.map(([scope, one]) => [`scopes.${scope}`, one] as const),
  ].map(async ([place, { url, tokenFile }]): Promise<Credential[]> => {
    const token = await contentOf(tokenFile, `the tokenFile of ${type}.${place}`);
    return token === undefined ? [] : [{ below: plainAddress(url), authorization: `Bearer ${token.trim()}` }];
  });
  return {
    url: document.url,
    aliases: document.aliases,
    protocol: document.protocol,
    keys: await contentOf(document.keysFile, `the keysFile of ${type}`),
    scopeProtocols: new Map(
      scoped.flatMap(([scope, { protocol }]) => (protocol === undefined ? [] : [[scope, protocol]])),
    ),
    scopes: new Map(scoped.map(([scope, one]) => [scope, one.url])),
    platforms: document.platforms ?? [],
    credentials: [...(await Promise.all(tokens)).flat(), ...(document.credentials ?? [])],
  };
}

/** @throws PermanentError `config.invalid` for a file that cannot be read. */
async function contentOf(file: string | undefined, what: string): Promise<string | undefined> {
  if (file === undefined) return undefined;
  return await readFile(file, 'utf8').catch((cause: unknown) => {
    const code = (cause as NodeJS.ErrnoException).code ?? 'error';
    throw new PermanentError('config.invalid', `REGISTRIES: ${what} cannot be read (${code}).`, { cause });
  });
}
