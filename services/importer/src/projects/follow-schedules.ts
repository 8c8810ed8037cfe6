import { uuidV7 } from '@sluice/contracts';
import type { Tx } from '@sluice/postgres';
import type { ImporterDeps } from '../deps.ts';
import { transact } from '../transact.ts';
import { refreshQuota } from './quota.ts';
import { projectColumns, type ProjectRow } from './rows.ts';
import { nextTime, parseSchedule } from './schedule.ts';
import { startRefresh } from './start-refresh.ts';

/** Projects that begin a refresh in one transaction. */
const dueMax = 20;

type DueRow = ProjectRow & { againBy: string | null; isAgain: boolean; isInFlight: boolean };

/**
 * Refreshes the projects whose time has come: by their schedule, or for a push that had to wait. The rows are locked, and their next
 * time is kept in the same transaction: of several importers one alone begins a refresh, and one that dies leaves it to the others.
 * @returns how many were looked at; as many as there may be when there are more.
 */
export async function followSchedules(deps: ImporterDeps): Promise<number> {
  let followed = 0;
  for (;;) {
    const count = await transact(deps, async (tx) => {
      const now = deps.now();
      const rows = await tx<DueRow[]>`
        select ${tx.unsafe(projectColumns)}, again_by as "againBy", coalesce(again_at <= ${now}, false) as "isAgain",
          exists (select from refreshes r where r.project_id = projects.id and r.ended_at is null) as "isInFlight"
        from projects
        where archived_at is null and (scheduled_at <= ${now} or (again_at <= ${now}
          and not exists (select from refreshes r where r.project_id = projects.id and r.ended_at is null)))
        order by least(scheduled_at, again_at), id limit ${dueMax} for update skip locked`;
      for (const row of rows) await follow(tx, row, now, deps);
      return rows.length;
    });
    followed += count;
    if (count < dueMax) return followed;
  }
}

/** One that is in flight is joined: a schedule asks for no more. */
async function follow(tx: Tx, row: DueRow, now: Date, deps: ImporterDeps): Promise<void> {
  const { id, schedule, nextRefreshAt, isAgain, isInFlight, againBy } = row;
  const isScheduled = nextRefreshAt !== null && nextRefreshAt <= now;
  if (isScheduled) {
    const next = schedule === null ? null : nextTime(parseSchedule(schedule), now);
    await tx`update projects set scheduled_at = ${next} where id = ${id}`;
  }
  if (isInFlight) return;
  if (isScheduled) {
    const wish = {
      id: uuidV7(now.getTime()),
      cause: 'schedule' as const,
      by: 'schedule',
      reason: schedule ?? '',
    };
    await startRefresh(tx, row, wish, now);
  } else {
    const { remaining, resetAt } = await refreshQuota(tx, id, deps.quotas.refresh, now);
    if (remaining === 0) {
      await tx`update projects set again_at = ${new Date(resetAt ?? now)} where id = ${id}`;
      return;
    }
    const reason = 'A push came before it could be followed.';
    await startRefresh(
      tx,
      row,
      { id: uuidV7(now.getTime()), cause: 'webhook', by: againBy ?? 'webhook', reason },
      now,
    );
  }
  if (isAgain) await tx`update projects set again_at = null, again_by = null where id = ${id}`;
}
