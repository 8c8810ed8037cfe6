import type { Tx } from '@sluice/postgres';
import { ofType, type ProjectedEvent } from '../projected-event.ts';
import type { Write } from '../write.ts';

/** Keeps who was sent what through the gate. An event that is there twice changes nothing. */
export function projectInstalls(tx: Tx, events: ProjectedEvent[]): Write[] {
  const entries = ofType(events, 'gate.served').flatMap(({ event }) => event.data.entries);
  if (entries.length === 0) return [];
  const rows = JSON.stringify(
    entries.map(({ purl, scope, principalId, principal, client, firstAt, lastAt }) => ({
      purl,
      scope,
      principal_id: principalId,
      principal,
      client,
      first_at: firstAt,
      last_at: lastAt,
    })),
  );
  const send = () => tx`
    insert into installs (purl, scope, principal_id, principal, client, first_at, last_at)
    select purl, scope, principal_id, (array_agg(principal order by last_at desc))[1],
      (array_agg(client order by last_at desc))[1], min(first_at), max(last_at)
      from json_populate_recordset(null::installs, ${rows}::text::json)
      group by purl, scope, principal_id
      order by purl, scope, principal_id
    on conflict (purl, scope, principal_id) do update set
      principal = case when excluded.last_at >= installs.last_at then excluded.principal else installs.principal end,
      client = case when excluded.last_at >= installs.last_at then excluded.client else installs.client end,
      first_at = least(installs.first_at, excluded.first_at),
      last_at = greatest(installs.last_at, excluded.last_at)`;
  return [{ send }];
}
