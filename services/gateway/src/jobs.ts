import type { BatchDetail, Job, ListedReplay, RequestSummary } from '@sluice/api';
import { PermanentError, listReplaysCommand } from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import type { GatewayDeps } from './deps.ts';
import { findAcceptedBatch, findBatch } from './queries/batches.ts';
import { findRequest, findSubmission } from './queries/requests.ts';
import { detailOf } from './routes/get-batch.ts';

type Deps = Pick<GatewayDeps, 'read' | 'own' | 'bus'>;

/**
 * Finds whatever has this id, as a job.
 * @throws PermanentError `job.not-found`; TransientError when the aggregator, which alone knows replays, is away.
 */
export async function findJob({ read, own, bus }: Deps, id: string): Promise<Job> {
  const request = (await findRequest(read, id)) ?? (await findSubmission(own, id));
  if (request) return requestJob(request);
  const batch = (await findBatch(read, id)) ?? (await findAcceptedBatch(own, id));
  if (batch) return batchJob(await detailOf(read, batch));
  const { replays } = await sendCommand(bus, listReplaysCommand, { limit: 1, id });
  const [replay] = replays;
  if (replay) return replayJob(replay);
  throw new PermanentError('job.not-found', `No job has the id ${id}.`);
}

const states = {
  queued: 'queued',
  open: 'running',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
} as const;

/** Pure. */
export function requestJob(request: RequestSummary): Job {
  const { id, state, progress, itemCount, endedItems, counts, failure, requester, scope } = request;
  const self = `/v1/requests/${id}`;
  return {
    id,
    kind: 'request',
    state: states[state],
    progress,
    total: itemCount,
    ended: endedItems,
    result: endedItems === 0 ? null : counts,
    error: failure,
    by: requester,
    scope,
    createdAt: request.submittedAt,
    startedAt: null,
    completedAt: request.completedAt,
    links: { self, items: `${self}/items`, report: `${self}/report`, events: `${self}/events` },
  };
}

/** Pure. */
export function batchJob(batch: BatchDetail): Job {
  const { id, state, progress, itemCount, endedItems, counts, failure, requester, scope } = batch;
  const self = `/v1/batches/${id}`;
  return {
    id,
    kind: 'batch',
    state: states[state],
    progress,
    total: itemCount,
    ended: endedItems,
    result: endedItems === 0 ? null : counts,
    error: failure,
    by: requester,
    scope,
    createdAt: batch.submittedAt,
    startedAt: batch.openedAt,
    completedAt: batch.completedAt,
    links: { self, files: `${self}/files`, report: `${self}/report`, events: `${self}/events` },
  };
}

const replayStates = {
  starting: 'queued',
  running: 'running',
  ended: 'completed',
  cancelled: 'cancelled',
} as const;

/** Pure. */
export function replayJob(replay: ListedReplay): Job {
  const { id, state, packages, waiting, running, joined, assessed, failed, cancelled } = replay;
  const ended = packages - waiting - running;
  return {
    id,
    kind: 'replay',
    state: state === 'starting' && ended + running > 0 ? 'running' : replayStates[state],
    progress: packages === 0 ? 1 : ended / packages,
    total: packages,
    ended,
    result: ended === 0 ? null : { assessed, failed, joined, cancelled },
    error: null,
    by: replay.by,
    scope: null,
    createdAt: replay.createdAt,
    startedAt: null,
    completedAt: null,
    links: { self: `/v1/jobs/${id}`, replays: '/v1/replays' },
  };
}
