import type { Tx } from '@sluice/postgres';
import { addRows } from '../add-rows.ts';
import type { ProjectedEvent } from '../projected-event.ts';
import { updateRows, type Column } from '../update-rows.ts';
import type { Write } from '../write.ts';
import type { CountChange, Counted } from './counts.ts';
import { foldPackage, isOfCurrentRun, type PackageRow } from './fold-package.ts';
import { saveEvidence } from './package-evidence.ts';

/** The rows of `packages` that a batch of events is about, by purl. */
export async function loadPackages(tx: Tx, events: ProjectedEvent[]): Promise<Map<string, PackageRow>> {
  const purls = [...new Set(aboutPackages(events).map(({ event }) => event.subject))];
  if (purls.length === 0) return new Map();
  // Times as text, their form when written again. One document a row would cost Postgres eight times as much.
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
 * @param stored result of `loadPackages` for the batch.
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
        'packages',
        columns,
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
    ['decisions', heldState(row) ?? 'none'],
    ...(row.verdict ? [['outcomes', row.verdict.outcome] satisfies Counted[number]] : []),
  ];
}

/** The state of the decision that holds; null when there is none, or none any more. */
function heldState({ decision }: PackageRow): string | null {
  return decision === null || decision.state === 'ended' ? null : decision.state;
}

/** The columns of `packages`, each with its value of a row. */
const columns: Column<PackageRow>[] = [
  { name: 'purl', type: 'text', of: (row) => row.purl },
  { name: 'state', type: 'text', of: (row) => row.state },
  { name: 'stage', type: 'text', of: (row) => row.stage },
  { name: 'stage_position', type: 'bigint', of: (row) => row.stagePosition },
  { name: 'assessment_id', type: 'uuid', of: (row) => row.assessmentId },
  { name: 'attempt', type: 'int', of: (row) => row.attempt },
  { name: 'lane', type: 'text', of: (row) => row.lane },
  { name: 'requested_at', type: 'timestamptz', of: (row) => row.requestedAt },
  { name: 'ended_at', type: 'timestamptz', of: (row) => row.endedAt },
  { name: 'verdict', type: 'json', of: (row) => row.verdict },
  { name: 'outcome', type: 'text', of: (row) => row.verdict && row.verdict.outcome },
  { name: 'decision', type: 'json', of: (row) => row.decision },
  { name: 'decision_state', type: 'text', of: heldState },
  { name: 'failure', type: 'json', of: (row) => row.failure },
  { name: 'last_error', type: 'json', of: (row) => row.lastError },
  { name: 'trace_id', type: 'text', of: (row) => row.traceId },
  { name: 'position', type: 'bigint', of: (row) => row.position },
];

function insertRows(tx: Tx, rows: PackageRow[]): Write[] {
  const names = columns.map(({ name }) => name);
  return addRows(
    tx,
    'packages',
    names,
    rows.map((row) => columns.map((column) => column.of(row))),
  );
}
