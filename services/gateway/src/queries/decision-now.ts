import { decisionAt, type ShownDecision } from '@sluice/contracts';

/** A row with its decision as it is now: the end of one may be later news to the read models than to the clock. */
export function withDecisionNow<Row extends { decision: ShownDecision | null }>(row: Row): Row {
  return { ...row, decision: row.decision && decisionAt(row.decision, new Date()) };
}
