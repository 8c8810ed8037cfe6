import { z } from 'zod';
import { digestField } from './digest-field.ts';

/** A file that was sent by itself, as one of several. The list of them is an artifact. */
export const sentFileSchema = z.object({
  path: z.string(),
  sizeBytes: z.number().int(),
  digest: digestField,
});
export type SentFile = z.infer<typeof sentFileSchema>;
export const sentFilesSchema = z.array(sentFileSchema);

/** Results of the files of a batch. */
export const batchFileResults = ['request', 'refused', 'ignored'] as const;

/** A file of a batch, and its result. The list of them is an artifact; see `batch.opened`. */
export const batchFileSchema = z.object({
  /** Its path within the batch. */
  path: z.string(),
  sizeBytes: z.number().int().nullable(),
  result: z.enum(batchFileResults),
  /** Of a request. */
  requestId: z.uuid().nullable(),
  /** Of a request: `poetry-lock@2.1`. */
  format: z.string().nullable(),
  /** Why it is none; null for a request. */
  reason: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type BatchFile = z.infer<typeof batchFileSchema>;
export const batchFilesSchema = z.array(batchFileSchema);
