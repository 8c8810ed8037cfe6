import type { Decision, Reason, ShownDecision } from './evidence/index.ts';
import type { ItemOutcome } from './events.ts';

/** Whether an item may be installed, and if not, why. */
export type ItemStanding =
  | 'approved-by-policy'
  | 'approved-by-person'
  /** A person has to decide, or the lockfile has to be mended. */
  | 'review'
  | 'rejected'
  | 'failed'
  | 'cancelled'
  /** It has not ended. */
  | 'open'
  /** It does not come from a registry, so it cannot be judged. */
  | 'foreign'
  /** Platforms other than those of the request install it: it is neither judged nor approved. */
  | 'other-platform'
  /** A part of the project itself: there is nothing to decide about it. */
  | 'own';

export interface StandingItem {
  unassessable: { code: string } | null;
  outcome: ItemOutcome | null;
  /** Reasons that hold for this item alone. */
  ownReasons: Partial<Pick<Reason, 'outcome'>>[];
  decision: (Pick<Decision, 'by'> & Pick<ShownDecision, 'state'>) | null;
}

const ownCodes = new Set(['source.workspace', 'source.link']);

/**
 * Where an item stands. Reasons of the item alone (its pin, its address) come first, since decisions are on package
 * versions; then the decision that holds, then the verdict. Only a decision approves: a verdict alone may wait for one.
 * Pure.
 */
export function itemStanding({ unassessable, outcome, ownReasons, decision }: StandingItem): ItemStanding {
  if (unassessable?.code === 'source.platform') return 'other-platform';
  if (unassessable) return ownCodes.has(unassessable.code) ? 'own' : 'foreign';
  if (outcome === null) return 'open';
  // Older items state no outcome with the reason; then it is the item's own.
  const own = ownReasons.map((reason) => reason.outcome ?? outcome);
  if (own.includes('reject') || decision?.state === 'rejected') return 'rejected';
  if (own.includes('review')) return 'review';
  if (decision?.state === 'approved') {
    return decision.by.kind === 'person' ? 'approved-by-person' : 'approved-by-policy';
  }
  if (outcome === 'failed' || outcome === 'cancelled') return outcome;
  return outcome === 'reject' ? 'rejected' : 'review';
}
