import { z } from 'zod';
import { decisionSchema } from './evidence.ts';

/**
 * Commands from the gateway to the service that owns the state. They are request-reply, answered after the owner's
 * transaction committed; see `sendCommand` and `serveCommand` of @sluice/messaging.
 */

const decideInput = z.object({
  purl: z.string(),
  /** Who decides. */
  by: z.string().min(1).max(200),
  reason: z.string().min(1).max(2_000),
  /** When the decision ends by itself. */
  until: z.iso.datetime({ offset: true }).nullable(),
  /** The assessment that the decider looked at; a newer one makes the command fail with `decision.stale`. */
  assessmentId: z.uuid().nullable(),
});
export type DecideInput = z.infer<typeof decideInput>;

const decideOutput = z.object({ purl: z.string(), assessmentId: z.uuid(), decision: decisionSchema });
export type DecideOutput = z.infer<typeof decideOutput>;

export const approveCommand = {
  service: 'aggregator',
  name: 'approve',
  input: decideInput,
  output: decideOutput,
};
export const rejectCommand = {
  service: 'aggregator',
  name: 'reject',
  input: decideInput,
  output: decideOutput,
};
