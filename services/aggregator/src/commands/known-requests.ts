import type { KnownRequestsInput, KnownRequestsOutput } from '@sluice/contracts';
import { asTransient } from '@sluice/postgres';
import type { AggregatorDeps } from '../deps.ts';

/** Those of the requests that the aggregator has taken in or given up, in any state. */
export async function knownRequests(
  { requestIds }: KnownRequestsInput,
  { sql }: Pick<AggregatorDeps, 'sql'>,
): Promise<KnownRequestsOutput> {
  try {
    const rows = await sql<{ id: string }[]>`select id from requests where id = any(${requestIds}::uuid[])`;
    return { known: rows.map(({ id }) => id) };
  } catch (error) {
    throw asTransient(error);
  }
}
