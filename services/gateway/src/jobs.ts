import type { BatchDetail, Job, ListedReplay, RequestSummary } from '@sluice/api';
import {
  PermanentError,
  findRefreshCommand,
  listReplaysCommand,
  type RefreshDetail,
} from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import type { GatewayDeps } from './deps.ts';
import { findAcceptedBatch, findBatch } from './queries/batches.ts';
import { findRequest, findSubmission } from './queries/requests.ts';
import { detailOf } from './routes/get-batch.ts';

type Deps = Pick<GatewayDeps, 'read' | 'own' | 'bus'>;

/**
 * Finds whatever has this id, as a job.
 * @throws PermanentError `job.not-found`; TransientError when the importer or the aggregator, which alone know the newest refreshes and replays, is away.
 */
export async function findJob({ read, own, bus }: Deps, id: string): Promise<Job> {
  const request = (await findRequest(read, id)) ?? (await findSubmission(own, id));
  if (request) return requestJob(request);
  const batch = (await findBatch(read, id)) ?? (await findAcceptedBatch(own, id));
  if (batch) return batchJob(await detailOf(read, batch));
  const { replays } = await sendCommand(bus, listReplaysCommand, { limit: 1, id });
  const [replay] = replays;
  if (replay) return replayJob(replay);
  const { refresh } = await sendCommand(bus, findRefreshCommand, { refreshId: id });
  if (refresh) return queuedRefreshJob(refresh);
  throw new PermanentError('job.not-found', `No job has the id ${id}.`);
}

const states = {
  queued: 'queued',
  open: 'running',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
} as const;

/** What requests and batches have alike. */
type Submitted = Pick<
  BatchDetail,
  | 'id'
  | 'state'
  | 'progress'
  | 'itemCount'
  | 'endedItems'
  | 'counts'
  | 'failure'
  | 'requester'
  | 'scope'
  | 'submittedAt'
  | 'completedAt'
>;

function submittedJob(
  { id, state, progress, itemCount, endedItems, counts, failure, requester, scope, ...moments }: Submitted,
  kind: Job['kind'],
  startedAt: string | null,
  links: Job['links'],
): Job {
  return {
    id,
    kind,
    state: states[state],
    progress,
    total: itemCount,
    ended: endedItems,
    result: endedItems === 0 ? null : counts,
    error: failure,
    by: requester,
    scope,
    createdAt: moments.submittedAt,
    startedAt,
    completedAt: moments.completedAt,
    links,
  };
}

/** Pure. */
export function requestJob(request: RequestSummary): Job {
  const self = `/v1/requests/${request.id}`;
  const links = { self, items: `${self}/items`, report: `${self}/report`, events: `${self}/events` };
  return submittedJob(request, 'request', null, links);
}

/** A batch of sent files, or a refresh of a project, which is one of a repository's files. Pure. */
export function batchJob(batch: BatchDetail): Job {
  const { id, projectId, openedAt } = batch;
  const self = `/v1/batches/${id}`;
  const links = { files: `${self}/files`, report: `${self}/report`, events: `${self}/events` };
  if (projectId === null) return submittedJob(batch, 'batch', openedAt, { self, ...links });
  const project = `/v1/projects/${projectId}`;
  const ofProject = { self: `${project}/refreshes/${id}`, project, batch: self };
  return submittedJob(batch, 'refresh', openedAt, { ...ofProject, ...links });
}

/** A refresh that the read models do not know yet. Pure. */
function queuedRefreshJob({ id, projectId, by, scope, requestedAt }: RefreshDetail): Job {
  const project = `/v1/projects/${projectId}`;
  return {
    id,
    kind: 'refresh',
    state: 'queued',
    progress: 0,
    total: 0,
    ended: 0,
    result: null,
    error: null,
    by,
    scope,
    createdAt: requestedAt,
    startedAt: null,
    completedAt: null,
    links: { self: `${project}/refreshes/${id}`, project, batch: `/v1/batches/${id}` },
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
