import { z } from 'zod';
import type { Known } from '../known.ts';
import { severitySchema } from './severity.ts';

export const reasonSchema = z.looseObject({
  /** Stable reason code, `advisory.critical`. */
  code: z.string(),
  severity: severitySchema,
  /** The outcome of this reason alone. */
  outcome: z.enum(['approve', 'review', 'reject']),
  message: z.string(),
  /** The reader's next step. */
  remedy: z.string(),
  data: z.record(z.string(), z.unknown()),
  /** Id of the waiver that makes it `approve`, and when that ends. */
  waivedBy: z.string().optional(),
  waivedUntil: z.iso.datetime({ offset: true }).optional(),
});
export type Reason = Known<z.infer<typeof reasonSchema>>;

export const verdictSchema = z.looseObject({
  outcome: z.enum(['approve', 'review', 'reject']),
  reasons: z.array(reasonSchema),
  /** Digest of the policy document that judged. */
  policyVersion: z.string(),
  judgedAt: z.iso.datetime({ offset: true }),
});
export type Verdict = Known<z.infer<typeof verdictSchema>>;

export const decisionSchema = z.looseObject({
  /** `recalled`: an approval was taken back over new facts; it waits for a person again. */
  state: z.enum(['approved', 'rejected', 'recalled']),
  by: z.looseObject({ kind: z.enum(['policy', 'person']), name: z.string() }),
  reason: z.string(),
  at: z.iso.datetime({ offset: true }),
  until: z.iso.datetime({ offset: true }).nullable(),
  /** Counts the decisions on this package version from 1; a higher one replaces a lower one. */
  sequence: z.number(),
  /** Digests of the assessed files that it is about, `sha512:<hex>`. Absent from older decisions. */
  digests: z.array(z.string()).optional(),
  /** People who had approved it before the one who decided, where the policy wants more than one. */
  endorsedBy: z.array(z.string()).optional(),
  /** An approval past the four eyes of the policy, for a day at most. */
  emergency: z.looseObject({ ticket: z.string() }).optional(),
});
export type Decision = Known<z.infer<typeof decisionSchema>>;

/** A decision as read models show it: one that reached its end holds no longer, and keeps its other fields. */
export type ShownDecision = Omit<Decision, 'state'> & { state: Decision['state'] | 'ended' };

/** A decision as shown at a time: one past its end must not look as if it held. Pure. */
export function decisionAt<Shown extends Pick<ShownDecision, 'state' | 'until'>>(
  decision: Shown,
  now: Date,
): Shown {
  const isOver = decision.until !== null && new Date(decision.until) <= now;
  return isOver ? { ...decision, state: 'ended' } : decision;
}
