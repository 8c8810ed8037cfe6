import { z } from '../documented-zod.ts';

/** How much of the files of a package version is here, while a stage fetches them. */
export const fetchedBytesSchema = z
  .object({
    received: z.number().int(),
    total: z.number().int().nullable().openapi({ description: 'Null while a host has not said it.' }),
  })
  .nullable()
  .openapi({ description: 'Bytes of its archives, while they are fetched; null otherwise.' });
export type FetchedBytes = z.infer<typeof fetchedBytesSchema>;
