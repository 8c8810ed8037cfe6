import type { OutboxMessage } from '@sluice/delivery';
import type { Tx } from '@sluice/postgres';
import type { Assessment } from '../assessments/assessment.ts';
import { requestedFact } from '../facts/package-facts.ts';

/** Sends assessments through the stages again from the start, under a new attempt. */
export async function redrive(
  tx: Tx,
  rows: Assessment[],
  now: Date,
  deadline: Date,
): Promise<OutboxMessage[]> {
  if (rows.length === 0) return [];
  await tx`
    update assessments set attempt = attempt + 1, stage = 'license', late_mark = null,
      registry = null, license = null, download = null, scan = null, deadline_at = ${deadline}
    where id = any(${rows.map((row) => row.id)}::uuid[])`;
  return rows.map((row) => requestedFact({ ...row, attempt: row.attempt + 1 }, now, deadline));
}
