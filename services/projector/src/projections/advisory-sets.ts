import type { Tx } from '@sluice/postgres';
import { ofType, type ProjectedEvent } from '../projected-event.ts';
import type { Write } from '../write.ts';

/** Keeps the state of each ecosystem's advisories: age, number of records, result of the last refresh. */
export function projectAdvisorySets(tx: Tx, events: ProjectedEvent[]): Write[] {
  return ofType(events, 'advisories.imported').map(({ event }) => {
    const { ecosystem, result, detail, version, recordCount, source, importedAt, checkedAt } = event.data;
    const confirmedAt = result === 'failed' ? null : checkedAt;
    const send = () => tx`
      insert into advisory_sets (ecosystem, result, detail, version, record_count, source, imported_at, checked_at, confirmed_at)
      values (${ecosystem}, ${result}, ${detail}, ${version}, ${recordCount}, ${source}, ${importedAt}, ${checkedAt},
        ${confirmedAt})
      on conflict (ecosystem) do update set result = excluded.result, detail = excluded.detail, version = excluded.version,
        record_count = excluded.record_count, source = excluded.source, imported_at = excluded.imported_at,
        checked_at = excluded.checked_at,
        confirmed_at = coalesce(excluded.confirmed_at, advisory_sets.confirmed_at)
      where advisory_sets.checked_at <= excluded.checked_at`;
    return { send };
  });
}
