import { columnsOf, type Tx } from '@sluice/postgres';
import { addRows } from '../add-rows.ts';
import type { ProjectedEvent } from '../projected-event.ts';
import { updateRows, type Column } from '../update-rows.ts';
import type { Write } from '../write.ts';
import type { CountChange, Counted } from './counts.ts';
import { foldPackage, isOfCurrentRun, type PackageRow, type Standing } from './fold-package.ts';
import { saveEvidence } from './package-evidence.ts';

/** The package versions that a batch of events is about, by purl, each with its standings in the scopes of those events. */
export async function loadPackages(tx: Tx, events: ProjectedEvent[]): Promise<Map<string, PackageRow>> {
  const purls = [...new Set(aboutPackages(events).map(({ event }) => event.subject))];
  if (purls.length === 0) return new Map();
  // Times as text, their form when written again. One document a row would cost Postgres eight times as much.
  const [rows, standings] = await Promise.all([
    tx<Omit<PackageRow, 'standings'>[]>`
      select purl, state, stage, stage_position as "stagePosition", assessment_id as "assessmentId", attempt, lane,
        requested_at::text as "requestedAt", ended_at::text as "endedAt", failure, last_error as "lastError",
        trace_id as "traceId", position
      -- A join, not "= any": a plan kept from an empty table compared every row with every purl.
      from packages join unnest(${purls}::text[]) as wanted (purl) using (purl)`,
    loadStandings(tx, events),
  ]);
  return new Map(rows.map((row) => [row.purl, { ...row, standings: standings.get(row.purl) ?? {} }]));
}

/** Standings in the scopes that events name, by purl. */
async function loadStandings(
  tx: Tx,
  events: ProjectedEvent[],
): Promise<Map<string, Record<string, Standing>>> {
  const wanted = new Map<string, { purl: string; scope: string }>();
  for (const { event } of aboutPackages(events)) {
    const { scope } = event.data as { scope?: string };
    if (scope !== undefined) wanted.set(`${scope} ${event.subject}`, { purl: event.subject, scope });
  }
  const found = new Map<string, Record<string, Standing>>();
  if (wanted.size === 0) return found;
  const column = columnsOf(tx, [...wanted.values()]);
  const rows = await tx<(Standing & { purl: string; scope: string })[]>`
    select scope, purl, verdict, decision from package_scopes
      join unnest(${column(({ scope }) => scope)}, ${column(({ purl }) => purl)}) as wanted (scope, purl) using (scope, purl)`;
  for (const { purl, scope, verdict, decision } of rows)
    found.set(purl, { ...found.get(purl), [scope]: { verdict, decision } });
  return found;
}

/**
 * Brings `packages`, `package_scopes` and `package_evidence` up to date with a batch of events: one write for each row.
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
        ['purl'],
        columns,
        changed.filter(({ purl }) => !isNew(purl)),
      ),
      ...writeStandings(tx, changed, stored),
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
  const counted: Counted = [['packages', '', row.state]];
  for (const [scope, standing] of Object.entries(row.standings)) {
    counted.push(['decisions', scope, heldState(standing) ?? 'none']);
    if (standing.verdict) counted.push(['outcomes', scope, standing.verdict.outcome]);
  }
  return counted;
}

/** The state of the decision that holds; null when there is none, or none any more. */
function heldState({ decision }: Standing): string | null {
  return decision === null || decision.state === 'ended' ? null : decision.state;
}

/** Writes the standings that changed. */
function writeStandings(tx: Tx, changed: PackageRow[], stored: ReadonlyMap<string, PackageRow>): Write[] {
  const added: StandingRow[] = [];
  const updated: StandingRow[] = [];
  for (const { purl, standings } of changed) {
    const before = stored.get(purl)?.standings ?? {};
    for (const [scope, standing] of Object.entries(standings)) {
      if (standing === before[scope]) continue;
      (scope in before ? updated : added).push({ purl, scope, ...standing });
    }
  }
  const names = standingColumns.map(({ name }) => name);
  const values = added.map((row) => standingColumns.map((column) => column.of(row)));
  return [
    ...addRows(tx, 'package_scopes', names, values),
    ...updateRows(tx, 'package_scopes', ['scope', 'purl'], standingColumns, updated),
  ];
}

interface StandingRow extends Standing {
  purl: string;
  scope: string;
}

/** The columns of `package_scopes`, each with its value of a row. */
const standingColumns: Column<StandingRow>[] = [
  { name: 'scope', type: 'text', of: (row) => row.scope },
  { name: 'purl', type: 'text', of: (row) => row.purl },
  { name: 'verdict', type: 'json', of: (row) => row.verdict },
  { name: 'outcome', type: 'text', of: (row) => row.verdict && row.verdict.outcome },
  { name: 'decision', type: 'json', of: (row) => row.decision },
  { name: 'decision_state', type: 'text', of: heldState },
];

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
