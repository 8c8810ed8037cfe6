import type { Tx } from '@sluice/postgres';
import { addRows } from '../add-rows.ts';
import type { ProjectedEvent } from '../projected-event.ts';
import type { Write } from '../write.ts';
import type { CountChange, Counted } from './counts.ts';
import { foldPackage, isOfCurrentRun, type PackageRow } from './fold-package.ts';
import { saveEvidence } from './package-evidence.ts';

/** The rows of `packages` that a batch of events is about, by purl. */
export async function loadPackages(tx: Tx, events: ProjectedEvent[]): Promise<Map<string, PackageRow>> {
  const purls = [...new Set(aboutPackages(events).map(({ event }) => event.subject))];
  if (purls.length === 0) return new Map();
  // Times as text, which is what they become again. One document a row would cost Postgres eight times as much.
  const rows = await tx<PackageRow[]>`
    select purl, state, stage, stage_position as "stagePosition", assessment_id as "assessmentId", attempt, lane,
      requested_at::text as "requestedAt", ended_at::text as "endedAt", verdict, decision, failure,
      last_error as "lastError", trace_id as "traceId", position
    -- A join, not "= any": a plan kept from an empty table compared every row with every purl.
    from packages join unnest(${purls}::text[]) as wanted (purl) using (purl)`;
  return new Map(rows.map((row) => [row.purl, row]));
}

/**
 * Brings `packages` and `package_evidence` up to date with a batch of events: one write for each package version.
 * @param stored what `loadPackages` gave for the batch.
 */
export function projectPackages(
  tx: Tx,
  events: ProjectedEvent[],
  stored: Map<string, PackageRow>,
): { writes: Write[]; counted: CountChange[] } {
  const rows = new Map(stored);
  const current: ProjectedEvent[] = [];
  for (const projected of aboutPackages(events)) {
    const purl = projected.event.subject;
    const after = foldPackage(rows.get(purl), projected);
    if (!after) continue;
    if (isOfCurrentRun(after, projected.event.data)) current.push(projected);
    rows.set(purl, after);
  }
  const changed = [...rows.values()].filter((row) => row !== stored.get(row.purl));
  const isNew = (purl: string) => !stored.has(purl);
  return {
    writes: [
      ...insertRows(
        tx,
        changed.filter(({ purl }) => isNew(purl)),
      ),
      ...updateRows(
        tx,
        changed.filter(({ purl }) => !isNew(purl)),
      ),
      ...saveEvidence(tx, current, isNew),
    ],
    counted: changed.map((row) => ({
      before: countedPackage(stored.get(row.purl)),
      after: countedPackage(row),
    })),
  };
}

function aboutPackages(events: ProjectedEvent[]): ProjectedEvent[] {
  return events.filter(({ event }) => event.type.startsWith('pkg.'));
}

function countedPackage(row: PackageRow | undefined): Counted {
  if (!row) return [];
  return [
    ['packages', row.state],
    ['decisions', row.decision?.state ?? 'none'],
    ...(row.verdict ? [['outcomes', row.verdict.outcome] satisfies Counted[number]] : []),
  ];
}

const columns = [
  'purl',
  'state',
  'stage',
  'stage_position',
  'assessment_id',
  'attempt',
  'lane',
  'requested_at',
  'ended_at',
  'verdict',
  'outcome',
  'decision',
  'decision_state',
  'failure',
  'last_error',
  'trace_id',
  'position',
];

function insertRows(tx: Tx, rows: PackageRow[]): Write[] {
  return addRows(
    tx,
    'packages',
    columns,
    rows.map((row) => [
      row.purl,
      row.state,
      row.stage,
      row.stagePosition,
      row.assessmentId,
      row.attempt,
      row.lane,
      row.requestedAt,
      row.endedAt,
      row.verdict,
      row.verdict && row.verdict.outcome,
      row.decision,
      row.decision && row.decision.state,
      row.failure,
      row.lastError,
      row.traceId,
      row.position,
    ]),
  );
}

function updateRows(tx: Tx, rows: PackageRow[]): Write[] {
  if (rows.length === 0) return [];
  const send = () => tx`
    update packages p set state = e.state, stage = e.stage, stage_position = "stagePosition",
      assessment_id = "assessmentId", attempt = e.attempt, lane = e.lane, requested_at = "requestedAt", ended_at = "endedAt",
      verdict = nullif(e.verdict, 'null'), outcome = e.verdict ->> 'outcome', decision = nullif(e.decision, 'null'),
      decision_state = e.decision ->> 'state', failure = nullif(e.failure, 'null'), last_error = nullif("lastError", 'null'),
      trace_id = "traceId", position = e.position
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as e (
      purl text, state text, stage text, "stagePosition" bigint, "assessmentId" uuid, attempt int, lane text, "requestedAt" timestamptz,
      "endedAt" timestamptz, verdict jsonb, decision jsonb, failure jsonb, "lastError" jsonb, "traceId" text, position bigint)
    where p.purl = e.purl`;
  return [{ send }];
}
