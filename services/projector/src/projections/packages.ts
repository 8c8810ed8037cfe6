import type { Tx } from '@sluice/postgres';
import { ofType, type ProjectedEvent } from '../projected-event.ts';
import { foldPackage, isOfCurrentRun, type PackageRow } from './fold-package.ts';

/** Brings `packages` and `package_evidence` up to date with a batch of events. */
export async function projectPackages(tx: Tx, events: ProjectedEvent[]): Promise<void> {
  const about = events.filter(({ event }) => event.type.startsWith('pkg.'));
  if (about.length === 0) return;
  const rows = await loadRows(tx, [...new Set(about.map(({ event }) => event.subject))]);
  const changed = new Set<string>();
  const current: ProjectedEvent[] = [];
  for (const projected of about) {
    const purl = projected.event.subject;
    const before = rows.get(purl);
    const after = foldPackage(before, projected);
    if (after && isOfCurrentRun(after, projected.event.data)) current.push(projected);
    if (!after || after === before) continue;
    rows.set(purl, after);
    changed.add(purl);
  }
  await saveRows(
    tx,
    [...changed].map((purl) => rows.get(purl)!),
  );
  await saveEvidence(tx, current);
}

async function loadRows(tx: Tx, purls: string[]): Promise<Map<string, PackageRow>> {
  const rows = await tx<{ row: PackageRow }[]>`
    select jsonb_build_object(
      'purl', purl, 'state', state, 'stage', stage, 'stagePosition', stage_position, 'assessmentId', assessment_id, 'attempt', attempt, 'lane', lane,
      'requestedAt', requested_at, 'endedAt', ended_at, 'verdict', verdict, 'decision', decision, 'failure', failure,
      'lastError', last_error, 'traceId', trace_id, 'position', position) as row
    -- A join, not "= any": a plan kept from an empty table compared every row with every purl.
    from packages join unnest(${purls}::text[]) as wanted (purl) using (purl)`;
  return new Map(rows.map(({ row }) => [row.purl, row]));
}

async function saveRows(tx: Tx, rows: PackageRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into packages (purl, state, stage, stage_position, assessment_id, attempt, lane, requested_at, ended_at, verdict, outcome,
      decision, decision_state, failure, last_error, trace_id, position)
    select "purl", "state", "stage", "stagePosition", "assessmentId", "attempt", "lane", "requestedAt", "endedAt", nullif("verdict", 'null'),
      "verdict" ->> 'outcome', nullif("decision", 'null'), "decision" ->> 'state', nullif("failure", 'null'),
      nullif("lastError", 'null'), "traceId", "position"
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as e (
      "purl" text, "state" text, "stage" text, "stagePosition" bigint, "assessmentId" uuid, "attempt" int, "lane" text, "requestedAt" timestamptz,
      "endedAt" timestamptz, "verdict" jsonb, "decision" jsonb, "failure" jsonb, "lastError" jsonb, "traceId" text,
      "position" bigint)
    on conflict (purl) do update set state = excluded.state, stage = excluded.stage,
      stage_position = excluded.stage_position, assessment_id = excluded.assessment_id, attempt = excluded.attempt, lane = excluded.lane,
      requested_at = excluded.requested_at, ended_at = excluded.ended_at, verdict = excluded.verdict,
      outcome = excluded.outcome, decision = excluded.decision, decision_state = excluded.decision_state,
      failure = excluded.failure, last_error = excluded.last_error, trace_id = excluded.trace_id,
      position = excluded.position`;
}

/** The newest evidence of each stage in events of current runs; what they do not have stays as it was. */
async function saveEvidence(tx: Tx, events: ProjectedEvent[]): Promise<void> {
  const evidence = new Map<string, { purl: string; license?: unknown; download?: unknown; scan?: unknown }>();
  const add = (purl: string, part: object) => evidence.set(purl, { purl, ...evidence.get(purl), ...part });
  for (const { event } of ofType(events, 'pkg.licensed')) add(event.subject, { license: event.data.license });
  for (const { event } of ofType(events, 'pkg.downloaded'))
    add(event.subject, { download: event.data.download });
  for (const { event } of ofType(events, 'pkg.scanned')) add(event.subject, { scan: event.data.scan });
  if (evidence.size === 0) return;
  await tx`
    insert into package_evidence (purl, license, download, scan)
    select purl, license, download, scan
    from jsonb_to_recordset(${JSON.stringify([...evidence.values()])}::text::jsonb)
      as e (purl text, license jsonb, download jsonb, scan jsonb)
    on conflict (purl) do update set license = coalesce(excluded.license, package_evidence.license),
      download = coalesce(excluded.download, package_evidence.download), scan = coalesce(excluded.scan, package_evidence.scan)`;
}
