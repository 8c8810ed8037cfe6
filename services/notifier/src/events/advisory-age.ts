import { uuidV7, type EventData, type advisoriesImported } from '@sluice/contracts';
import type { BatchHandler } from '@sluice/delivery';
import { asTransient } from '@sluice/postgres';
import type { NotifierDeps } from '../deps.ts';
import { transact } from '../transact.ts';
import { recordEvents } from './record-events.ts';

/** As long as the alert waits: sets are asked for every hour. */
const staleMs = 48 * 3_600_000;

/** Notes when a set of advisories was last confirmed. A refresh that failed confirms nothing. */
export function onAdvisoriesImported({
  sql,
}: Pick<NotifierDeps, 'sql'>): BatchHandler<EventData<typeof advisoriesImported>> {
  return async (batch) => {
    for (const { event } of batch) {
      const { ecosystem, result, checkedAt } = event.data;
      if (result === 'failed') continue;
      await sql`
        insert into advisory_sets (ecosystem, confirmed_at) values (${ecosystem}, ${checkedAt})
        on conflict (ecosystem) do update set confirmed_at = excluded.confirmed_at, told_at = null
        where advisory_sets.confirmed_at < excluded.confirmed_at`.catch((error: unknown) => {
        throw asTransient(error);
      });
    }
  };
}

/** Tells once of each set that was not confirmed for two days. */
export async function tellStale(deps: NotifierDeps): Promise<void> {
  await transact(deps, async (tx) => {
    const now = deps.now();
    const stale = await tx<{ ecosystem: string; confirmedAt: Date }[]>`
      update advisory_sets set told_at = ${now}
      where told_at is null and confirmed_at <= ${new Date(now.getTime() - staleMs)}
      returning ecosystem, confirmed_at as "confirmedAt"`;
    const events = stale.map(({ ecosystem, confirmedAt }) => ({
      id: uuidV7(now.getTime()),
      type: 'advisories.stale' as const,
      scope: null,
      subject: ecosystem,
      occurredAt: now,
      sequence: null,
      data: { ecosystem, checkedAt: confirmedAt.toISOString(), links: { status: '/v1/status' } },
    }));
    await recordEvents(tx, events, deps);
  });
}
