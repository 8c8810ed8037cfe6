import type { Sql } from '@sluice/postgres';

export interface InvariantWatch {
  /** Looks that were taken. */
  readonly looks: number;
  /** Violations found by any look. */
  readonly violations: string[];
  stop(): Promise<void>;
}

const everyMs = 500;

/**
 * Looks at I6 again and again while faults are injected, each time in one statement and so in one snapshot: no item
 * is anywhere but in flight or ended, none is there that was not accepted, and none waits for an assessment that
 * is not in flight.
 */
export function watchInvariants(sql: Sql): InvariantWatch {
  const watch = { looks: 0, violations: [] as string[] };
  let running: Promise<void> = Promise.resolve();
  const look = async () => {
    const [row] = await sql<{ accepted: number; taken: number; listed: number; orphaned: number }[]>`
      select
        (select coalesce(sum(item_count), 0)::int from gateway.submissions)
          + (select coalesce(sum(item_count), 0)::int from importer.submissions) as accepted,
        (select count(*)::int from aggregator.items) as taken,
        (select coalesce(sum(item_count), 0)::int from aggregator.requests) as listed,
        (select count(*)::int from aggregator.items i where i.outcome is null and not exists (
          select from aggregator.assessments a where a.purl = i.purl and a.state in ('waiting', 'running'))) as orphaned`;
    watch.looks += 1;
    if (!row || row.taken > row.accepted || row.taken !== row.listed || row.orphaned > 0) {
      watch.violations.push(JSON.stringify(row));
    }
  };
  const timer = setInterval(() => {
    // Postgres may be away right now.
    running = running.then(look).catch(() => {});
  }, everyMs);
  return Object.assign(watch, {
    async stop() {
      clearInterval(timer);
      await running;
    },
  });
}
