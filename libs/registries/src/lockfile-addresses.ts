import { type RegistryDocument } from './registry-settings.ts';
import { plainAddress } from '@sluice/contracts';

/**
 * Addresses that a package may come from without a pin: those of its ecosystem's registry, or of its scope's where the
 * scope has one of its own; without credentials, and with a slash at the end, as lockfiles are compared with them.
 * @param documents by purl type.
 */
export function lockfileAddresses(
  documents: ReadonlyMap<string, RegistryDocument>,
): (type: string, name: string) => readonly string[] {
  const known = new Map(
    [...documents].map(([type, { url, aliases, scopes }]) => [
      type,
      {
        urls: [url, ...aliases].map(plainAddress),
        scopes: new Map(Object.entries(scopes).map(([scope, one]) => [scope, [plainAddress(one.url)]])),
      },
    ]),
  );
  return (type, name) => {
    const registry = known.get(type);
    return registry?.scopes.get(name.split('/')[0]!) ?? registry?.urls ?? [];
  };
}
