import type { DownloadEvidence, ItemOutcome, Reason, SubmissionItem, Verdict } from '@sluice/contracts';
import { judgeItem, strictest, type Policy } from '@sluice/policy';

export interface ItemEnd {
  outcome: ItemOutcome;
  /** Reasons that hold for this item alone. */
  reasons: (Partial<Reason> & Pick<Reason, 'code' | 'message'>)[];
}

export interface EndedItem extends ItemEnd {
  requestId: string;
  ordinal: number;
  assessmentId: string | null;
  /** The package version whose outcome a bundled item took. */
  follows?: string | null;
}

/** An item as its request lists it, apart from its package version. */
export interface ItemRow {
  /** Null when there are none. */
  pins: SubmissionItem['pins'] | null;
  /** Null when there are none. */
  notes: SubmissionItem['notes'] | null;
  /** The package version whose archive holds it. */
  bundledIn: string | null;
  /** The package version that it waits for: its own, or the one that holds it. */
  purl: string;
}

/**
 * How an item ends when the assessment of its package version did. Pin and address are the item's own: one lockfile may
 * pin other bytes than the registry serves, while all others are right. Pure.
 * @param verdict null when the assessment failed.
 */
export function itemEnd(
  item: ItemRow,
  verdict: Verdict | null,
  download: DownloadEvidence | null,
  policy: Policy,
): ItemEnd {
  if (!verdict) return { outcome: 'failed', reasons: [] };
  if (isPartOf(item)) {
    const message = `No registry has it: it is part of ${item.purl} and was scanned there.`;
    return {
      outcome: verdict.outcome,
      reasons: [{ code: 'bundled.in-parent', outcome: 'approve', message }],
    };
  }
  const reasons = judgeItem({ pins: item.pins ?? [], notes: item.notes ?? [] }, download, policy);
  return { outcome: strictest([verdict.outcome, ...reasons.map(({ outcome }) => outcome)]), reasons };
}

/** Whether an item waits for the package version that holds it, since no registry has its own. */
export function isPartOf({ bundledIn, purl }: Pick<ItemRow, 'bundledIn' | 'purl'>): boolean {
  return bundledIn === purl;
}
