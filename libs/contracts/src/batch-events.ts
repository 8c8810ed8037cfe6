import { z } from 'zod';
import { defineEvent } from './define-event.ts';
import { digestField } from './digest-field.ts';
import { itemOutcomeSchema } from './events.ts';
import { laneSchema } from './lane.ts';
import { scopeField } from './scope.ts';

const timestamp = z.iso.datetime({ offset: true });

const batchFields = { batchId: z.uuid(), lane: laneSchema, scope: scopeField };

/** Why a batch failed as a whole. Stable code, see the runbook. */
const failure = z.looseObject({ code: z.string(), detail: z.string() });

export const batchSubmitted = defineEvent({
  type: 'batch.submitted',
  publisher: 'gateway, importer',
  description: 'Several files were submitted at once; the importer makes requests of them.',
  schema: z.looseObject({
    ...batchFields,
    requester: z.string(),
    labels: z.record(z.string(), z.string()),
    /** See `request.submitted`. */
    platforms: z.array(z.string()),
    /** Name of the archive, for people. */
    filename: z.string().nullable(),
    /** The submitted bytes: a zip, or a list of files as `SentFile`. Null for a batch that the importer made itself. */
    upload: z.looseObject({ kind: z.enum(['archive', 'files']), digest: digestField }).nullable(),
    submittedAt: timestamp,
    /** The project that it is a refresh of; its files are those of a repository. */
    projectId: z.uuid().nullish(),
  }),
});

export const batchOpened = defineEvent({
  type: 'batch.opened',
  publisher: 'importer',
  description: 'The files of a batch were read, and each that can be is a request; or none could be.',
  schema: z.looseObject({
    ...batchFields,
    /** Counts how often the batch was opened, from 1: a failed one is opened again when its dead letter is redriven. */
    opening: z.number().int().positive(),
    /** The list of its files, as `BatchFile`, in the artifact store; null for one that could not be opened. */
    filesDigest: digestField.nullable(),
    fileCount: z.number().int(),
    /** Files that are requests now. */
    requestCount: z.number().int(),
    /** Files that should be lockfiles and cannot be read. */
    refusedCount: z.number().int(),
    /** All other files. */
    ignoredCount: z.number().int(),
    openedAt: timestamp,
    failure: failure.optional(),
  }),
});

export const batchCompleted = defineEvent({
  type: 'batch.completed',
  publisher: 'aggregator',
  description: 'The last request of a batch ended, or it has none.',
  schema: z.looseObject({
    ...batchFields,
    /** See `batch.reopened`. */
    round: z.number().int().positive(),
    requestCount: z.number().int(),
    /** Items of its requests by outcome; only outcomes that some item had. */
    counts: z.partialRecord(itemOutcomeSchema, z.number().int()),
    completedAt: timestamp,
    failure: failure.optional(),
  }),
});

export const batchReopened = defineEvent({
  type: 'batch.reopened',
  publisher: 'aggregator',
  description: 'A request of a completed batch is open again: the batch begins another round.',
  schema: z.looseObject({ ...batchFields, round: z.number().int().positive(), at: timestamp }),
});

export const batchCancelled = defineEvent({
  type: 'batch.cancelled',
  publisher: 'aggregator',
  description: 'Somebody cancelled a batch; its open requests are cancelled.',
  schema: z.looseObject({ ...batchFields, by: z.string(), reason: z.string(), at: timestamp }),
});
