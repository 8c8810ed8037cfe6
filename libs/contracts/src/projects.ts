import { z } from 'zod';
import { laneSchema } from './lane.ts';
import { scopeSchema } from './scope.ts';

const moment = z.iso.datetime();
const counts = z.record(z.string(), z.number().int());

/** Why a project is read again. */
export const refreshCauses = ['manual', 'schedule', 'webhook'] as const;
export type RefreshCause = (typeof refreshCauses)[number];

/** `queued`: its repository is not read yet; `open`: its requests are assessed; then one of the others. */
export const refreshStates = ['queued', 'open', 'completed', 'failed', 'cancelled'] as const;
export type RefreshState = (typeof refreshStates)[number];

/** Where a project comes from. */
export const projectSourceSchema = z.object({
  git: z.string(),
  ref: z.string(),
  /** Files and folders that are looked at; all for none. */
  paths: z.array(z.string()),
});

/** How often something may still be done. */
export const quotaSchema = z.object({
  limit: z.number().int(),
  remaining: z.number().int(),
  /** When one more is free again; null when all are. */
  resetAt: moment.nullable(),
  windowSeconds: z.number().int(),
});
export type Quota = z.infer<typeof quotaSchema>;

/** Tasks of the checklists of a project's plan. */
export const planSchema = z.object({
  total: z.number().int(),
  done: z.number().int(),
  /** Share that is done, 0 to 100, rounded down; null without tasks. */
  percent: z.number().int().nullable(),
  /** The first ones, in their order. */
  tasks: z.array(z.object({ path: z.string(), line: z.number().int(), text: z.string(), done: z.boolean() })),
  /** Files of the plan that the commit does not have. */
  missing: z.array(z.string()),
});
export type Plan = z.infer<typeof planSchema>;

const marked = z.array(z.object({ name: z.string(), path: z.string() }));

/** Parts of a project, by its manifests and the names of its files. */
export const inventorySchema = z.object({
  fileCount: z.number().int(),
  /** Most files first. */
  languages: z.array(z.object({ name: z.string(), files: z.number().int() })),
  /** Each with a file that says so. */
  frameworks: marked,
  tools: marked,
  ecosystems: z.array(z.object({ type: z.string(), manifests: z.number().int() })),
  /** Files that became requests. */
  manifests: z.array(
    z.object({ path: z.string(), format: z.string(), digest: z.string(), requestId: z.uuid() }),
  ),
});
export type Inventory = z.infer<typeof inventorySchema>;

export const refreshSchema = z.object({
  /** Also the id of the batch that its requests are in. */
  id: z.uuid(),
  projectId: z.uuid(),
  scope: scopeSchema,
  cause: z.enum(refreshCauses),
  by: z.string(),
  reason: z.string(),
  state: z.enum(refreshStates),
  unchanged: z.boolean(),
  /** The refresh whose requests hold: itself, or the one that nothing changed since; null before it is known. */
  standsOn: z.uuid().nullable(),
  /** The last completed refresh before it. */
  previousId: z.uuid().nullable(),
  fromCommit: z.string().nullable(),
  toCommit: z.string().nullable(),
  requestCount: z.number().int().nullable(),
  countsBefore: counts.nullable(),
  counts: counts.nullable(),
  failure: z.object({ code: z.string(), detail: z.string() }).nullable(),
  requestedAt: moment,
  openedAt: moment.nullable(),
  endedAt: moment.nullable(),
  durationMs: z.number().int().nullable(),
});
export type Refresh = z.infer<typeof refreshSchema>;

export const refreshDetailSchema = refreshSchema.extend({
  inventory: inventorySchema.nullable(),
  plan: planSchema.nullable(),
});
export type RefreshDetail = z.infer<typeof refreshDetailSchema>;

export const projectSchema = z.object({
  id: z.uuid(),
  name: z.string().min(1).max(200),
  scope: scopeSchema,
  source: projectSourceSchema,
  /** Name of a credential of the operator's document. */
  credential: z.string().nullable(),
  lane: laneSchema,
  labels: z.record(z.string(), z.string()),
  schedule: z.string().nullable(),
  plan: z.array(z.string()),
  /** Whether a webhook has a secret. */
  hasHook: z.boolean(),
  createdAt: moment,
  createdBy: z.string(),
  changedAt: moment,
  archivedAt: moment.nullable(),
  /** By its schedule; null without one. */
  nextRefreshAt: moment.nullable(),
  lastRefresh: refreshSchema.nullable(),
});
export type Project = z.infer<typeof projectSchema>;
