import type { BulkWindow } from '@sluice/contracts';
import { asTransient } from '@sluice/postgres';
import type { AggregatorDeps } from '../deps.ts';

/** How full the window of bulk work is, and how much waits for it. */
export async function bulkWindow(
  { sql }: Pick<AggregatorDeps, 'sql'>,
  runningMax: number,
): Promise<BulkWindow> {
  try {
    const [counts] = await sql<{ waiting: number; running: number }[]>`
      select
        ((select count(*) from assessments where state = 'waiting') + (select count(*) from replay_packages))::int as waiting,
        (select count(*) from assessments where state = 'running' and lane = 'bulk')::int as running`;
    return { ...counts!, runningMax };
  } catch (error) {
    throw asTransient(error);
  }
}
