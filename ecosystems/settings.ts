import { registriesField, type RegistryDocument } from '@sluice/registries';
import type { z } from 'zod';
import { npmAddresses, npmDocument, npmSecrets } from './npm/settings.ts';

/** Variables that name the registries: one document, and short forms of an ecosystem's part of it. */
export const registryConfig = {
  /** The registries, as JSON by purl type; REGISTRIES_FILE names a file with it. */
  REGISTRIES: registriesField(),
  ...npmAddresses,
};

/** Variables with their secrets. */
export const registrySecrets = { ...npmSecrets };

type RegistryConfig = z.infer<z.ZodObject<typeof registryConfig>> &
  Partial<z.infer<z.ZodObject<typeof registrySecrets>>>;

/** The configured registries, by purl type. Short forms count for an ecosystem that the document does not name. */
export function registryDocuments(config: RegistryConfig): Map<string, RegistryDocument> {
  const documents = new Map<string, RegistryDocument>(Object.entries(config.REGISTRIES ?? {}));
  const short = { npm: npmDocument(config) };
  for (const [type, document] of Object.entries(short)) {
    if (document !== null && !documents.has(type)) documents.set(type, document);
  }
  return documents;
}
