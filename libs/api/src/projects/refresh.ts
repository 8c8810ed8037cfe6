import {
  inventorySchema as ownedInventory,
  planSchema as ownedPlan,
  refreshCauses,
  refreshStates,
} from '@sluice/contracts';
import { actor } from '../actor.ts';
import { documentable, z } from '../documented-zod.ts';
import { moment } from '../moment.ts';
import { pageQuery, pageSchemaOf } from '../page.ts';
import { shownScope } from '../scope.ts';

const counts = z.record(z.string(), z.number().int());

export const refreshStateSchema = z.enum(refreshStates).openapi({
  description:
    '`queued`: its repository is not read yet; `open`: its requests are assessed; `completed`: the last of them ended, or nothing ' +
    'changed; `failed`: the repository could not be read; `cancelled`: by a person.',
});

/** A refresh in the history of a project. */
export const refreshSchema = z
  .object({
    id: z.uuid().openapi({ description: 'Also the id of the batch that its requests are in.' }),
    projectId: z.uuid(),
    scope: shownScope,
    cause: z.enum(refreshCauses),
    by: z.string(),
    reason: z.string(),
    state: refreshStateSchema,
    unchanged: z
      .boolean()
      .openapi({ description: 'The commit is that of an earlier refresh, whose result holds.' }),
    standsOn: z.uuid().nullable().openapi({
      description: 'The refresh whose requests hold: itself, or the one that nothing changed since.',
    }),
    previousId: z.uuid().nullable().openapi({ description: 'The last completed refresh before it.' }),
    fromCommit: z.string().nullable(),
    toCommit: z.string().nullable(),
    requestCount: z.number().int().nullable(),
    countsBefore: counts.nullable().openapi({ description: 'Items by outcome, of the refresh before.' }),
    counts: counts
      .nullable()
      .openapi({ description: 'Items by outcome.', example: { approve: 290, review: 2 } }),
    failure: z.object({ code: z.string(), detail: z.string(), remedy: z.string() }).nullable(),
    requestedAt: moment,
    openedAt: moment.nullable().openapi({ description: 'When the repository was read.' }),
    endedAt: moment.nullable(),
    durationMs: z.number().int().nullable(),
  })
  .openapi('Refresh');
export type ShownRefresh = z.infer<typeof refreshSchema>;

export const refreshDetailSchema = refreshSchema
  .extend({
    inventory: z.union([z.object(ownedInventory.shape), z.null()]).openapi({
      description: 'What the project is made of, by its manifests and the names of its files.',
    }),
    plan: z.union([z.object(ownedPlan.shape), z.null()]).openapi({
      description: 'Tasks of its checklists; null where the project names none.',
    }),
  })
  .openapi('RefreshDetail');
export type ShownRefreshDetail = z.infer<typeof refreshDetailSchema>;

export const refreshPageSchema = pageSchemaOf(refreshSchema, 'RefreshPage');
export const refreshesQuery = z.object(pageQuery(200, 50));

const { by, reason } = actor('A release is due.');
export const refreshActionSchema = z.strictObject({ by, reason: reason.optional() }).openapi('RefreshAction');

const quota = z.object({
  limit: z.number().int(),
  remaining: z.number().int(),
  resetAt: moment.nullable(),
  windowSeconds: z.number().int(),
});

/** A refresh that was asked for. */
export const askedRefreshSchema = z
  .object({
    refreshId: z.uuid(),
    batchId: z.uuid().openapi({ description: 'The batch of its requests; the same id.' }),
    state: refreshStateSchema,
    joined: z.boolean().openapi({ description: 'It was in flight already, which cost no quota.' }),
    quota,
  })
  .openapi('AskedRefresh');
export type AskedRefresh = z.infer<typeof askedRefreshSchema>;

/** The result of a webhook of a git host. */
export const hookAnswerSchema = z
  .object({
    result: z.enum(['refreshed', 'joined', 'postponed', 'ignored']).openapi({
      description:
        '`joined`: one is in flight, and another one follows it; `postponed`: the quota is used up, and one follows when there is ' +
        'room; `ignored`: it is no push to the ref of the project.',
    }),
    reason: z.string().openapi({ example: 'It is a push to refs/heads/next.' }),
    refreshId: z.uuid().nullable(),
  })
  .openapi('HookAnswer');
export type HookAnswer = z.infer<typeof hookAnswerSchema>;

const standing = z.object({
  purl: z.string(),
  outcome: z.string().nullable().openapi({ description: 'Null while it is assessed.' }),
});
const standings = z.array(standing);

/** Package versions that differ between two refreshes. */
export const refreshDiffSchema = z
  .object({
    refreshId: z.uuid(),
    against: z.uuid(),
    fromCommit: z.string().nullable(),
    toCommit: z.string().nullable(),
    added: standings.openapi({ description: 'Package versions of packages that were not there.' }),
    removed: standings.openapi({ description: 'Package versions of packages that are no longer there.' }),
    changed: z.array(
      z.object({
        package: z.string().openapi({ example: 'pkg:npm/lodash' }),
        from: standings,
        to: standings,
      }),
    ),
    unchangedCount: z.number().int(),
    truncated: z.boolean().openapi({ description: 'Each list has its first entries only.' }),
  })
  .openapi('RefreshDiff');
export type RefreshDiff = z.infer<typeof refreshDiffSchema>;
export const diffQuery = z.object({
  against: documentable(z.uuid())
    .optional()
    .openapi({ description: 'Another refresh of the project; the last completed one before unless given.' }),
});
