import { pinMatches, type DownloadEvidence, type ItemOutcome, type Verdict } from '@sluice/contracts';
import { reasonTexts } from '@sluice/policy';

export interface ItemEnd {
  outcome: ItemOutcome;
  /** Reasons that hold for this item alone. */
  reasons: { code: string; message: string; remedy?: string }[];
}

export interface EndedItem extends ItemEnd {
  requestId: string;
  ordinal: number;
  assessmentId: string | null;
}

/**
 * How an item ends when the assessment of its package version did. The pin is the item's own: one lockfile may pin
 * other bytes than the registry serves, while everybody else's is right. Pure.
 * @param verdict null when the assessment failed.
 */
export function itemEnd(
  integrity: string | null,
  verdict: Verdict | null,
  download: DownloadEvidence | null,
): ItemEnd {
  if (!verdict) return { outcome: 'failed', reasons: [] };
  if (integrity && download?.digests && pinMatches(integrity, download.digests) === 'mismatch') {
    const message = `The lockfile pins ${integrity}, the registry serves other bytes.`;
    return {
      outcome: 'reject',
      reasons: [{ code: 'integrity.mismatch', message, remedy: reasonTexts['integrity.mismatch'].remedy }],
    };
  }
  return { outcome: verdict.outcome, reasons: [] };
}
