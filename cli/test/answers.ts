import type { BatchDetail, Item, PackageDetail, RequestDetail, ShownBatchFile, Worker } from '@sluice/api';
import type { Reason, ShownDecision } from '@sluice/contracts';

/** Answers of the API, whole, to be changed where a test needs them otherwise. */

export const requestId = '01960d3c-7a4e-7cc2-9f1e-2b7a9c1d0e11';
export const at = '2026-03-01T09:30:00.000Z';

/** A request that ended, with one item that the policy approves. */
export const aRequest = (fields: Partial<RequestDetail> = {}): RequestDetail => ({
  id: requestId,
  state: 'completed',
  failure: null,
  lane: 'interactive',
  scope: 'default',
  requester: 'mira',
  labels: {},
  platforms: [],
  format: 'npm-package-lock@3',
  filename: 'package-lock.json',
  itemCount: 1,
  entryCount: 1,
  endedItems: 1,
  progress: 1,
  counts: { approve: 1 },
  submittedAt: at,
  completedAt: '2026-03-01T09:30:01.000Z',
  cancelledAt: null,
  round: 1,
  traceId: null,
  batchId: null,
  open: {},
  ratePerSecond: null,
  etaSeconds: null,
  waitsFor: [],
  reasons: [],
  advisories: [],
  ...fields,
});

export const aDecision = (fields: Partial<ShownDecision> = {}): ShownDecision => ({
  state: 'approved',
  by: { kind: 'policy', name: 'default' },
  reason: 'looked at it',
  at,
  until: null,
  sequence: 1,
  ...fields,
});

export const aReason = (code: string, outcome: Reason['outcome']): Reason => ({
  code,
  outcome,
  severity: 'medium',
  message: `says ${code}`,
  remedy: 'look closer',
  data: {},
});

/** An item that ended as approved by the policy; one of another outcome has no decision. */
export const anItem = (fields: Partial<Item> = {}): Item => ({
  ordinal: 0,
  purl: 'pkg:npm/a@1.0.0',
  name: 'a',
  version: '1.0.0',
  pins: [],
  paths: ['node_modules/a'],
  pathCount: 1,
  dev: false,
  optional: false,
  bundled: false,
  direct: true,
  platforms: null,
  notes: [],
  unassessable: null,
  state: 'ended',
  outcome: 'approve',
  reasons: [],
  ownReasons: [],
  follows: null,
  failure: null,
  decision: (fields.outcome ?? 'approve') === 'approve' ? aDecision() : null,
  attempt: 1,
  queuePosition: null,
  bytes: null,
  lastError: null,
  assessmentId: null,
  traceId: null,
  endedAt: at,
  ...fields,
});

export const aPackage = (fields: Partial<PackageDetail> = {}): PackageDetail => ({
  purl: 'pkg:npm/a@1.0.0',
  scope: 'default',
  state: 'assessed',
  stage: null,
  outcome: 'approve',
  decision: aDecision(),
  attempt: 1,
  requestedAt: at,
  endedAt: at,
  traceId: null,
  reasons: [],
  assessmentId: null,
  lane: 'interactive',
  verdict: null,
  failure: null,
  queuePosition: null,
  bytes: null,
  lastError: null,
  failedTries: [],
  registry: null,
  license: null,
  download: null,
  scan: null,
  timeline: [],
  ...fields,
});

export const aWorker = (fields: Partial<Worker> = {}): Worker => ({
  service: 'scanner',
  instance: 'vm:17',
  stage: 'scan',
  version: '0.1.0',
  startedAt: at,
  lastSeenAt: at,
  state: 'working',
  concurrency: 8,
  running: [],
  inWork: { interactive: 0, bulk: 0 },
  detail: null,
  circuits: [],
  upstreams: [],
  ...fields,
});

/** A list that is not continued. */
export const aPage = <Listed>(...items: Listed[]) => ({ items, nextCursor: null });

export const batchId = '01960d3c-7a4e-7cc2-9f1e-2b7a9c1d0eb1';
/** A batch that ended, with one lockfile. */
export const aBatch = (fields: Partial<BatchDetail> = {}): BatchDetail => ({
  id: batchId,
  state: 'completed',
  failure: null,
  lane: 'interactive',
  scope: 'default',
  requester: 'mira',
  labels: {},
  platforms: [],
  filename: 'all.zip',
  projectId: null,
  fileCount: 3,
  requestCount: 1,
  refusedCount: 0,
  ignoredCount: 2,
  submittedAt: at,
  openedAt: at,
  completedAt: at,
  cancelledAt: null,
  round: 1,
  traceId: null,
  requests: { completed: 1 },
  itemCount: 1,
  endedItems: 1,
  progress: 1,
  counts: { approve: 1 },
  ratePerSecond: null,
  etaSeconds: null,
  ...fields,
});
/** The lockfile of a batch. */
export const aFile = (fields: Partial<ShownBatchFile> = {}): ShownBatchFile => ({
  ordinal: 0,
  path: 'web/package-lock.json',
  sizeBytes: 7,
  result: 'request',
  reason: null,
  format: 'npm-package-lock@3',
  requestId,
  state: 'completed',
  itemCount: 1,
  endedItems: 1,
  counts: { approve: 1 },
  ...fields,
});
