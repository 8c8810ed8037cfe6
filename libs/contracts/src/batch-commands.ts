import { z } from 'zod';
import { actor } from './command-actor.ts';

const cancelBatchInput = z.object({ ...actor, batchId: z.uuid() });
export type CancelBatchInput = z.infer<typeof cancelBatchInput>;
const cancelBatchOutput = z.object({
  batchId: z.uuid(),
  /** Requests that were open and are cancelled; none when it was cancelled before. */
  requests: z.number().int(),
});
export type CancelBatchOutput = z.infer<typeof cancelBatchOutput>;
export const cancelBatchCommand = {
  service: 'aggregator',
  name: 'cancel-batch',
  input: cancelBatchInput,
  output: cancelBatchOutput,
};

const knownBatchesInput = z.object({ batchIds: z.array(z.uuid()).max(1_000) });
export type KnownBatchesInput = z.infer<typeof knownBatchesInput>;
const knownBatchesOutput = z.object({
  known: z.array(z.uuid()),
  /** Of them those whose files were read, or could not be. */
  opened: z.array(z.uuid()),
});
export type KnownBatchesOutput = z.infer<typeof knownBatchesOutput>;
/** A question of a service, not of a person: which batches the aggregator knows. */
export const knownBatchesCommand = {
  service: 'aggregator',
  name: 'known-batches',
  input: knownBatchesInput,
  output: knownBatchesOutput,
};
