import { columnsOf, type Tx } from '@sluice/postgres';
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
  const column = columnsOf(tx, rows);
  const send = () => tx`
    update packages p set state = e.state, stage = e.stage, stage_position = e.stage_position,
      assessment_id = e.assessment_id, attempt = e.attempt, lane = e.lane, requested_at = e.requested_at, ended_at = e.ended_at,
      verdict = e.verdict::json, outcome = e.outcome, decision = e.decision::json, decision_state = e.decision_state,
      failure = e.failure::json, last_error = e.last_error::json, trace_id = e.trace_id, position = e.position
    from unnest(
      ${column((row) => row.purl)}, ${column((row) => row.state)}, ${column((row) => row.stage)},
      ${column((row) => row.stagePosition)}::bigint[], ${column((row) => row.assessmentId)}::uuid[],
      ${column((row) => row.attempt)}::int[], ${column((row) => row.lane)}, ${column((row) => row.requestedAt)}::timestamptz[],
      ${column((row) => row.endedAt)}::timestamptz[], ${column((row) => row.verdict)},
      ${column((row) => row.verdict && row.verdict.outcome)}, ${column((row) => row.decision)},
      ${column((row) => row.decision && row.decision.state)}, ${column((row) => row.failure)},
      ${column((row) => row.lastError)}, ${column((row) => row.traceId)}, ${column((row) => row.position)}::bigint[])
      as e (purl, state, stage, stage_position, assessment_id, attempt, lane, requested_at, ended_at, verdict, outcome,
        decision, decision_state, failure, last_error, trace_id, position)
    where p.purl = e.purl`;
  return [{ send }];
}
