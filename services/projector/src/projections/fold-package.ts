import {
  nextStage,
  stageEmitting,
  stageNames,
  type EventData,
  type ShownDecision,
  type SluiceEvent,
  type StageName,
  type Verdict,
  type eventCatalogue,
} from '@sluice/contracts';
import type { ProjectedEvent } from '../projected-event.ts';

/** Verdict and decision of a package version in a scope: a row of `package_scopes`. */
export interface Standing {
  verdict: Verdict | null;
  decision: ShownDecision | null;
}

/** A row of `packages` with its rows of `package_scopes`. */
export interface PackageRow {
  purl: string;
  /** `running`, or how the last assessment ended. */
  state: 'running' | 'assessed' | 'failed' | 'cancelled';
  /** The stage that is awaited while running. */
  stage: StageName | null;
  /** Position of the event that set that stage to work: the order of its queue. */
  stagePosition: number | null;
  assessmentId: string | null;
  attempt: number;
  lane: string;
  requestedAt: string | null;
  endedAt: string | null;
  /** Of the scopes that the batch of events is about, as far as the package version has a standing there. */
  standings: Readonly<Record<string, Standing>>;
  failure: { stage: string; code: string; detail: string } | null;
  /** The failed try that the package version is waiting to repeat. */
  lastError: {
    stage: string;
    code: string;
    detail: string;
    stageAttempt: number;
    /** False for outages and shutdowns, which cost no attempt. */
    counted: boolean;
    failedAt: string;
    nextTryAt: string;
    worker: string;
  } | null;
  traceId: string | null;
  position: number;
}

type DataOf<Type extends keyof typeof eventCatalogue> = EventData<(typeof eventCatalogue)[Type]>;

const stageOrder: (StageName | null)[] = [...stageNames, null];

/**
 * Applies one event to the row of a package version. Pure. Events of an older run or decision change nothing,
 * and a run never goes back a stage, in any order of its facts.
 */
export function foldPackage(
  row: PackageRow | undefined,
  { event, position, traceId }: ProjectedEvent,
): PackageRow | undefined {
  switch (event.type) {
    case 'pkg.requested':
      return requested(row, event.data as DataOf<'pkg.requested'>, position, traceId);
    case 'pkg.licensed':
    case 'pkg.downloaded':
    case 'pkg.scanned': {
      const data = event.data as DataOf<'pkg.downloaded'>;
      // A replay begins with a repeated fact of an earlier stage.
      const isBeginning = data.replay !== undefined && row?.assessmentId !== data.assessmentId;
      const run = isBeginning ? begin(row, { ...data, requestedAt: event.time }, position, traceId) : row;
      return advanced(run, event.type, data, position);
    }
    case 'pkg.attempt-failed':
      return stumbled(row, event.data as DataOf<'pkg.attempt-failed'>, position);
    case 'pkg.assessed': {
      const { assessmentId, attempt, scope, verdict } = event.data as DataOf<'pkg.assessed'>;
      const run = orBegin(row, event as SluiceEvent<DataOf<'pkg.assessed'>>, position, traceId);
      if (isOlder(run, assessmentId, attempt)) return row;
      // The same evidence judged again, since time changed something: the assessment ended when it did.
      const endedAt = run.state === 'assessed' && run.endedAt ? run.endedAt : event.time;
      return {
        ...run,
        attempt,
        state: 'assessed',
        ...ended(endedAt),
        standings: withStanding(run, scope, { verdict }),
        failure: null,
        position,
      };
    }
    case 'pkg.failed': {
      const { assessmentId, attempt, stage, code, detail } = event.data as DataOf<'pkg.failed'>;
      const run = orBegin(row, event as SluiceEvent<DataOf<'pkg.failed'>>, position, traceId);
      if (run.state !== 'running' || isOlder(run, assessmentId, attempt)) return row;
      return {
        ...run,
        attempt,
        state: 'failed',
        ...ended(event.time),
        failure: { stage, code, detail },
        position,
      };
    }
    case 'pkg.cancelled': {
      const { assessmentId, attempt } = event.data as DataOf<'pkg.cancelled'>;
      const run = orBegin(row, event as SluiceEvent<DataOf<'pkg.cancelled'>>, position, traceId);
      if (run.state !== 'running' || isOlder(run, assessmentId, attempt)) return row;
      return { ...run, attempt, state: 'cancelled', ...ended(event.time), position };
    }
    case 'pkg.approved':
    case 'pkg.rejected':
    case 'pkg.recalled': {
      const data = event.data as DataOf<'pkg.approved'>;
      const { decision, scope } = data;
      const run = row ?? begin(row, { ...data, attempt: 1, requestedAt: event.time }, position, traceId);
      const held = run.standings[scope]?.decision;
      if (held && held.sequence >= decision.sequence) return row;
      return { ...run, standings: withStanding(run, scope, { decision }), position };
    }
    case 'pkg.decision-ended': {
      const { decision, scope } = event.data as DataOf<'pkg.decision-ended'>;
      const held = row?.standings[scope]?.decision;
      if (!row || held?.sequence !== decision.sequence) return row;
      // Its sequence stays: a repeated event does not make the decision hold again.
      const over = { ...held, state: 'ended' as const };
      return { ...row, standings: withStanding(row, scope, { decision: over }), position };
    }
    default:
      return row;
  }
}

function withStanding(row: PackageRow, scope: string, changes: Partial<Standing>): PackageRow['standings'] {
  const before = row.standings[scope] ?? { verdict: null, decision: null };
  return { ...row.standings, [scope]: { ...before, ...changes } };
}

/** Fields of a run that has ended: no stage, no error to retry. */
function ended(endedAt: string) {
  return { stage: null, stagePosition: null, endedAt, lastError: null };
}

function requested(
  row: PackageRow | undefined,
  data: DataOf<'pkg.requested'>,
  position: number,
  traceId: string | null,
): PackageRow | undefined {
  const sameRun = row?.assessmentId === data.assessmentId && row.attempt >= data.attempt;
  // Asked for again in the faster lane: the run goes on where it is, or queues there.
  if (row && sameRun) {
    const queuesAgain = row.stage === stageNames[0] && row.lane !== data.lane;
    const stagePosition = queuesAgain ? position : row.stagePosition;
    return { ...row, lane: data.lane, stagePosition, position };
  }
  return begin(row, data, position, traceId);
}

/**
 * The run of an assessment that ends. It begins here when it is unknown: after the broker lost data, the event that ends a run
 * is published again, and the event that began it is not. Ids of assessments sort by the time when they were made.
 */
function orBegin(
  row: PackageRow | undefined,
  { data, time }: SluiceEvent<Pick<DataOf<'pkg.assessed'>, 'purl' | 'assessmentId' | 'attempt' | 'lane'>>,
  position: number,
  traceId: string | null,
): PackageRow {
  if (row && row.assessmentId !== null && row.assessmentId >= data.assessmentId) return row;
  return begin(row, { ...data, requestedAt: time }, position, traceId);
}

/** A new run; keeps the results of the last one visible. */
function begin(
  row: PackageRow | undefined,
  data: Pick<DataOf<'pkg.requested'>, 'purl' | 'assessmentId' | 'attempt' | 'lane' | 'requestedAt'>,
  position: number,
  traceId: string | null,
): PackageRow {
  return {
    purl: data.purl,
    state: 'running',
    stage: stageNames[0],
    stagePosition: position,
    assessmentId: data.assessmentId,
    attempt: data.attempt,
    lane: data.lane,
    requestedAt: data.requestedAt,
    endedAt: null,
    standings: row?.standings ?? {},
    failure: null,
    lastError: null,
    traceId,
    position,
  };
}

function advanced(
  row: PackageRow | undefined,
  type: string,
  { assessmentId, attempt }: { assessmentId: string; attempt: number },
  position: number,
): PackageRow | undefined {
  if (!row || row.state !== 'running' || isOlder(row, assessmentId, attempt)) return row;
  const stage = nextStage(stageEmitting(type)!);
  const forward = stageOrder.indexOf(stage) > stageOrder.indexOf(row.stage);
  const moved = forward ? { stage, stagePosition: stage && position } : {};
  return { ...row, ...moved, lastError: null, position };
}

function stumbled(
  row: PackageRow | undefined,
  data: DataOf<'pkg.attempt-failed'>,
  position: number,
): PackageRow | undefined {
  if (!row || row.state !== 'running' || isOlder(row, data.assessmentId, data.attempt)) return row;
  const { stage, code, detail, stageAttempt, counted, failedAt, nextTryAt, worker } = data;
  const lastError = { stage, code, detail, stageAttempt, counted, failedAt, nextTryAt, worker };
  return { ...row, lastError, position };
}

/** Whether an event is about the run that the row shows. Pure. */
export function isOfCurrentRun(row: PackageRow, data: unknown): boolean {
  const { assessmentId, attempt } = data as { assessmentId?: string; attempt?: number };
  return assessmentId !== undefined && attempt !== undefined && !isOlder(row, assessmentId, attempt);
}

function isOlder(row: PackageRow, assessmentId: string, attempt: number): boolean {
  return row.assessmentId !== assessmentId || attempt < row.attempt;
}
