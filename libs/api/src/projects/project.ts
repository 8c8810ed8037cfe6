import {
  laneSchema,
  projectSchema as owned,
  quotaSchema as ownedQuota,
  scopeSchema,
  visibleText,
} from '@sluice/contracts';
import { actor } from '../actor.ts';
import { documentable, z } from '../documented-zod.ts';
import { moment } from '../moment.ts';
import { pageQuery, pageSchemaOf } from '../page.ts';
import { shownScope } from '../scope.ts';
import { refreshSchema } from './refresh.ts';

const nameMaxChars = 100;
const listMax = 20;

export const quotaSchema = z
  .object({
    limit: documentable(ownedQuota.shape.limit),
    remaining: documentable(ownedQuota.shape.remaining),
    resetAt: moment.nullable().openapi({ description: 'When one more is free again; null when all are.' }),
    windowSeconds: documentable(ownedQuota.shape.windowSeconds),
  })
  .openapi('Quota');

const name = documentable(visibleText(nameMaxChars)).openapi({ example: 'payments' });
const path = documentable(visibleText(300));
const source = z
  .strictObject({
    git: documentable(visibleText(500)).openapi({
      example: 'https://git.example/team/payments.git',
      description: 'https, or http and ssh where the operator allows them; without credentials.',
    }),
    ref: documentable(visibleText(200)).optional().openapi({
      example: 'main',
      description: 'A branch, a tag, a full name of either, a commit, or `HEAD`, which it is unless given.',
    }),
    paths: z
      .array(path)
      .max(listMax)
      .optional()
      .openapi({
        example: ['services'],
        description: 'Files and folders that are looked at; all unless given.',
      }),
  })
  .openapi('NewProjectSource');
const wishes = {
  credential: documentable(visibleText(63))
    .nullable()
    .optional()
    .openapi({ example: 'payments-read', description: 'Name of a credential of the operator’s document.' }),
  lane: documentable(laneSchema).optional(),
  labels: z
    .record(
      z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$/, 'must be the name of a label'),
      z.union([z.literal(''), documentable(visibleText(200))]),
    )
    .refine((labels) => Object.keys(labels).length <= listMax, `must have at most ${listMax} labels`)
    .optional()
    .openapi({ example: { team: 'payments' } }),
  schedule: documentable(visibleText(40)).nullable().optional().openapi({
    example: 'daily 04:30',
    description: '`every 6h`, `daily 04:30` or `weekly mon 04:30`, in UTC.',
  }),
  plan: z
    .array(path)
    .max(listMax)
    .optional()
    .openapi({ example: ['PLAN.md'], description: 'Markdown files with checklists.' }),
};
const { by, reason } = actor('The payments team ships it.');

export const newProjectSchema = z
  .strictObject({
    by,
    reason: reason.optional(),
    name,
    source,
    scope: documentable(scopeSchema)
      .optional()
      .openapi({ description: 'Whose policy; `default` unless given.' }),
    ...wishes,
  })
  .openapi('NewProject');
export const changedProjectSchema = z
  .strictObject({ by, reason, name: name.optional(), source: source.optional(), ...wishes })
  .openapi('ChangedProject');
export const projectActionSchema = z
  .strictObject(actor('The repository was archived.'))
  .openapi('ProjectAction');

/** A project in a list. */
export const projectSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    scope: shownScope,
    source: z.object({ git: z.string(), ref: z.string(), paths: z.array(z.string()) }),
    credential: z.string().nullable(),
    lane: z.string(),
    labels: z.record(z.string(), z.string()),
    schedule: z.string().nullable(),
    plan: z.array(z.string()),
    hasHook: documentable(owned.shape.hasHook).openapi({ description: 'Whether its webhook has a secret.' }),
    createdAt: moment,
    createdBy: z.string(),
    changedAt: moment,
    archivedAt: moment.nullable(),
    nextRefreshAt: moment.nullable().openapi({ description: 'By its schedule; null without one.' }),
    lastRefresh: z
      .union([refreshSchema, z.null()])
      .openapi({ description: 'The newest one; null before the first.' }),
  })
  .openapi('Project');
export type ShownProject = z.infer<typeof projectSchema>;

export const projectDetailSchema = projectSchema
  .extend({ quota: quotaSchema.openapi({ description: 'Refreshes that may still be asked for.' }) })
  .openapi('ProjectDetail');
export type ProjectDetail = z.infer<typeof projectDetailSchema>;
export const createdProjectSchema = projectSchema
  .extend({ quota: quotaSchema.openapi({ description: 'Projects that may still be added.' }) })
  .openapi('CreatedProject');

export const projectPageSchema = pageSchemaOf(projectSchema, 'ProjectPage');
export const projectsQuery = z.object({
  scope: documentable(scopeSchema).optional().openapi({ description: 'Projects of this scope only.' }),
  archived: z
    .enum(['true', 'false'])
    .optional()
    .openapi({ description: '`true` for archived projects in place of the others.' }),
  ...pageQuery(200, 50),
});

/** The secret of a webhook, which is shown this once. */
export const hookSchema = z
  .object({
    path: z.string().openapi({
      example: '/v1/projects/01960d3c-7a4e-7cc2-9f1e-2b7a9c1d0e11/hook',
      description: 'Where the git host sends pushes to.',
    }),
    secret: z.string().openapi({ description: 'Shown this once; the one before no longer counts.' }),
  })
  .openapi('ProjectHook');
export type ProjectHook = z.infer<typeof hookSchema>;
