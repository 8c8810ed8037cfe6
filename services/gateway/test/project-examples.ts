import { uuidV7, type Project, type RefreshDetail } from '@sluice/contracts';

const at = '2026-03-01T09:30:00.000Z';

/** A completed refresh as the importer has it. */
export const aRefresh = (fields: Partial<RefreshDetail> & { projectId: string }): RefreshDetail => ({
  id: uuidV7(),
  scope: 'default',
  cause: 'manual',
  by: 'mira',
  reason: 'r',
  state: 'completed',
  unchanged: false,
  standsOn: null,
  previousId: null,
  fromCommit: null,
  toCommit: 'a'.repeat(40),
  requestCount: 1,
  countsBefore: null,
  counts: { approve: 1 },
  failure: null,
  requestedAt: at,
  openedAt: at,
  endedAt: at,
  durationMs: 1,
  inventory: null,
  plan: null,
  ...fields,
});

/** A project as the importer has it. */
export const aProject = (fields: Partial<Project> = {}): Project => ({
  id: uuidV7(),
  name: 'payments',
  scope: 'default',
  source: { git: 'https://git.example/a', ref: 'main', paths: [] },
  credential: null,
  lane: 'interactive',
  labels: {},
  schedule: null,
  plan: [],
  hasHook: true,
  createdAt: at,
  createdBy: 'mira',
  changedAt: at,
  archivedAt: null,
  nextRefreshAt: null,
  lastRefresh: null,
  ...fields,
});
