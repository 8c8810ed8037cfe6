import { jsonField, urlField } from '@sluice/runtime';
import { z } from 'zod';
import type { Credential } from './credentials.ts';

const address = urlField('https', 'http');

const registrySchema = z.strictObject({
  /** A configured registry may have a private address and plain http. */
  url: address,
  /** File with the registry's bearer token, which is sent to no other address. */
  tokenFile: z.string().min(1).optional(),
  /** File with the keys that the registry signs with, in the form of its own list of keys; no other keys count then. */
  keysFile: z.string().min(1).optional(),
  /** Further addresses that stand for the registry in lockfiles; nothing is fetched from them. */
  aliases: z.array(address).default([]),
  /**
   * Further hosts that its archives are fetched from: `host`, `host:port`, `*.domain`. An origin, `https://files.example`, may have a
   * private address, as the registry itself.
   */
  hosts: z.array(z.string().min(1)).default([]),
  /** The protocol that it speaks, of those that the ecosystem has; its usual one when left out. */
  protocol: z.string().min(1).optional(),
  /** Platforms that its packages are installed on, in the ecosystem's own words; files for others are left out. */
  platforms: z.array(z.string().min(1)).optional(),
  /** Registries of scopes, in place of the one at `url`. */
  scopes: z
    .record(
      z.string().min(1),
      z.strictObject({
        url: address,
        tokenFile: z.string().min(1).optional(),
        protocol: z.string().min(1).optional(),
      }),
    )
    .default({}),
});

/** One ecosystem's registries, as they are configured. */
export interface RegistryDocument extends z.infer<typeof registrySchema> {
  /** Beside the tokens in files. */
  credentials?: readonly Credential[];
}

const documentSchema = z.record(z.string().min(1), registrySchema);

/** The document of all registries: JSON, by purl type. */
export function registriesField() {
  return jsonField(documentSchema, '{"<ecosystem>": {"url": "https://registry.example/"}}').optional();
}

/** An ecosystem's registries with the secrets that they ask for. */
export interface RegistrySettings {
  url: string;
  /** Addresses by scope. */
  scopes: ReadonlyMap<string, string>;
  /** Further addresses that stand for the registry in lockfiles. */
  aliases?: readonly string[];
  /** The protocol of the registry at `url`; the ecosystem's usual one when left out. */
  protocol?: string | undefined;
  /** Protocols of registries of scopes, where they are not the usual one. */
  scopeProtocols?: ReadonlyMap<string, string>;
  /** Keys that it signs with, as JSON; those that the registry states when left out. */
  keys?: string | undefined;
  /** Root of trust for attestations, as JSON; the one that is shipped when left out. */
  trustedRoot?: string | undefined;
  /** In the order in which they count. */
  credentials: readonly Credential[];
  /** Platforms that its packages are installed on; all of them when left out. */
  platforms?: readonly string[];
}
