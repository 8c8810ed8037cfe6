import { z } from 'zod';
import { defineEvent } from './define-event.ts';
import { itemOutcomeSchema } from './events.ts';
import { laneSchema } from './lane.ts';
import { refreshCauses } from './projects.ts';
import { scopeField } from './scope.ts';

const timestamp = z.iso.datetime({ offset: true });
const refreshFields = {
  projectId: z.uuid(),
  /** Also the id of the batch that its requests are in. */
  refreshId: z.uuid(),
  lane: laneSchema,
  scope: scopeField,
  cause: z.enum(refreshCauses),
};

export const projectChanged = defineEvent({
  type: 'project.changed',
  publisher: 'importer',
  description: 'A project was created, changed or archived.',
  schema: z.looseObject({
    projectId: z.uuid(),
    scope: scopeField,
    change: z.enum(['created', 'changed', 'archived']),
    name: z.string(),
    source: z.looseObject({ git: z.string(), ref: z.string(), paths: z.array(z.string()) }),
    by: z.string(),
    at: timestamp,
  }),
});

export const projectRefreshRequested = defineEvent({
  type: 'project.refresh-requested',
  publisher: 'importer',
  description: 'A refresh of a project was asked for; the importer reads the repository.',
  schema: z.looseObject({ ...refreshFields, by: z.string(), requestedAt: timestamp }),
});

export const projectRefreshed = defineEvent({
  type: 'project.refreshed',
  publisher: 'importer',
  description: 'A refresh of a project ended; again after failed items of it were retried.',
  schema: z.looseObject({
    ...refreshFields,
    state: z.enum(['completed', 'failed', 'cancelled']),
    /** The commit and all that is judged are those of an earlier refresh, which still counts. */
    unchanged: z.boolean(),
    fromCommit: z.string().nullable(),
    toCommit: z.string().nullable(),
    /** Items of its requests by outcome; only outcomes that some item had. */
    counts: z.partialRecord(itemOutcomeSchema, z.number().int()),
    failure: z.looseObject({ code: z.string(), detail: z.string() }).optional(),
    endedAt: timestamp,
  }),
});
