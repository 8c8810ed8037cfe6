import { z } from 'zod';
import { actor, countedAs } from './command-actor.ts';
import { laneSchema } from './lane.ts';
import { stageNameSchema } from './pipeline.ts';
import { scopeField } from './scope.ts';
import { advisoryMatchSchema, decisionSchema, sha256Digest } from './evidence/index.ts';

/**
 * Commands from the gateway to the service that owns the state. They are request-reply, answered after the owner's
 * transaction committed; see `sendCommand` and `serveCommand` of @sluice/broker.
 */

const decideInput = z.object({
  purl: z.string(),
  /** The scope of the decision; an older gateway does not say. */
  scope: scopeField,
  /** The person who decides. */
  by: z.string().min(1).max(200),
  reason: z.string().min(1).max(2_000),
  /** When the decision ends by itself. */
  until: z.iso.datetime({ offset: true }).nullable(),
  /** The assessment that the decider looked at; a newer one makes the command fail with `decision.stale`. */
  assessmentId: z.uuid().nullable(),
  ...countedAs,
  /** Why four eyes do not count this time. */
  emergency: z.looseObject({ ticket: z.string().min(1).max(200) }).nullish(),
});
export type DecideInput = z.infer<typeof decideInput>;

const decideOutput = z.object({
  purl: z.string(),
  scope: scopeField,
  assessmentId: z.uuid(),
  decision: decisionSchema,
});
export type DecideOutput = z.infer<typeof decideOutput>;

export const approveCommand = {
  service: 'aggregator',
  name: 'approve',
  input: decideInput,
  output: decideOutput,
};
export const rejectCommand = {
  service: 'aggregator',
  name: 'reject',
  input: decideInput,
  output: decideOutput,
};

const cancelInput = z.object({ ...actor, requestId: z.uuid() });
export type CancelInput = z.infer<typeof cancelInput>;
const cancelOutput = z.object({
  requestId: z.uuid(),
  /** Items that ended through this; none when it was cancelled before. */
  items: z.number().int(),
  /** Assessments that no item waits for any more. */
  assessments: z.number().int(),
});
export type CancelOutput = z.infer<typeof cancelOutput>;
export const cancelCommand = {
  service: 'aggregator',
  name: 'cancel-request',
  input: cancelInput,
  output: cancelOutput,
};

const retryInput = z.object({
  ...actor,
  /** Failed items of this request only. */
  requestId: z.uuid().nullable(),
  /** Of requests of this batch only; an older gateway knows no batches. */
  batchId: z.uuid().nullish(),
  /** Of this package version only. */
  purl: z.string().nullable(),
  /** That failed with this code only. */
  code: z.string().max(100).nullable(),
  /** In this stage only. */
  stage: stageNameSchema.nullable(),
  limit: z.number().int().min(1).max(10_000),
});
export type RetryInput = z.infer<typeof retryInput>;
const retryOutput = z.object({
  items: z.number().int(),
  requests: z.number().int(),
  packages: z.number().int(),
  /** Failed items of cancelled requests, which are left alone; absent from an older aggregator. */
  skipped: z.number().int().optional(),
});
export type RetryOutput = z.infer<typeof retryOutput>;
export const retryCommand = { service: 'aggregator', name: 'retry', input: retryInput, output: retryOutput };

const changeLaneInput = z.object({ ...actor, requestId: z.uuid(), lane: laneSchema });
export type ChangeLaneInput = z.infer<typeof changeLaneInput>;
const changeLaneOutput = z.object({
  requestId: z.uuid(),
  lane: laneSchema,
  /** Assessments that were moved along. */
  assessments: z.number().int(),
});
export type ChangeLaneOutput = z.infer<typeof changeLaneOutput>;
export const changeLaneCommand = {
  service: 'aggregator',
  name: 'change-lane',
  input: changeLaneInput,
  output: changeLaneOutput,
};

const knownRequestsInput = z.object({ requestIds: z.array(z.uuid()).max(1_000) });
export type KnownRequestsInput = z.infer<typeof knownRequestsInput>;
const knownRequestsOutput = z.object({ known: z.array(z.uuid()) });
export type KnownRequestsOutput = z.infer<typeof knownRequestsOutput>;
/** A question of the gateway, not of a person: which requests the aggregator has taken in or given up. */
export const knownRequestsCommand = {
  service: 'aggregator',
  name: 'known-requests',
  input: knownRequestsInput,
  output: knownRequestsOutput,
};

const deadLettersInput = z.object({
  ...actor,
  /** These ones; null for all that fit the filter. */
  sequences: z.array(z.number().int().positive()).max(1_000).nullable(),
  /** Dead ones or parked ones only; absent from an older gateway. */
  kind: z.enum(['dlq', 'parked']).nullish(),
  service: z.string().max(100).nullable(),
  code: z.string().max(100).nullable(),
  limit: z.number().int().min(1).max(1_000),
});
export type DeadLettersInput = z.infer<typeof deadLettersInput>;
const deadLettersOutput = z.object({
  /** Dead letters that were redriven or discarded. */
  done: z.array(z.number().int()),
  /** Dead letters that were not there any more. */
  gone: z.array(z.number().int()),
});
export type DeadLettersOutput = z.infer<typeof deadLettersOutput>;
export const redriveCommand = {
  service: 'aggregator',
  name: 'redrive-dead-letters',
  input: deadLettersInput,
  output: deadLettersOutput,
};
export const discardCommand = {
  service: 'aggregator',
  name: 'discard-dead-letters',
  input: deadLettersInput,
  output: deadLettersOutput,
};

/** Filters of a replay; null is no limit. */
export const replayFilterSchema = z.object({
  /** The stage that runs again, and those after it. */
  stage: stageNameSchema,
  /** Whose newest assessment ended then or later. */
  since: z.iso.datetime({ offset: true }).nullable(),
  /** Whose newest assessment ended before. */
  until: z.iso.datetime({ offset: true }).nullable(),
  /** Type of the purl. */
  ecosystem: z
    .string()
    .regex(/^[a-z][a-z0-9.-]{0,40}$/)
    .nullable(),
  /** Whose evidence of the stage is of an older version than this: a lower one of numbers, else any other. */
  rulesVersion: z.string().min(1).max(100).nullable(),
  /** Whose scan was compared with another set of advisories than this. */
  advisoriesVersion: z.string().min(1).max(200).nullable(),
  limit: z.number().int().min(1).max(1_000_000),
});
export type ReplayFilter = z.infer<typeof replayFilterSchema>;

const replayInput = z.object({
  ...actor,
  ...replayFilterSchema.shape,
  /** Id of the replay: sent again, it is the same one. */
  id: z.uuid(),
  /** Only count. */
  dryRun: z.boolean(),
});
export type ReplayInput = z.infer<typeof replayInput>;
const replayOutput = z.object({
  /** Null of a dry run. */
  id: z.uuid().nullable(),
  packages: z.number().int(),
  /** Of them in flight now: their assessment counts. */
  running: z.number().int(),
  /** The replay of this id was asked for before; an older aggregator does not say. */
  repeated: z.boolean().default(false),
});
export type ReplayOutput = z.infer<typeof replayOutput>;
export const replayCommand = {
  service: 'aggregator',
  name: 'replay',
  input: replayInput,
  output: replayOutput,
};

const listReplaysInput = z.object({
  limit: z.number().int().min(1).max(1_000),
  /** The last one of the page before. */
  after: z.object({ createdAt: z.iso.datetime(), id: z.uuid() }).nullish(),
  /** This one only. */
  id: z.uuid().nullish(),
});
export type ListReplaysInput = z.infer<typeof listReplaysInput>;
const replaysOutput = z.object({
  replays: z.array(
    z.object({
      id: z.uuid(),
      filter: replayFilterSchema,
      by: z.string(),
      reason: z.string(),
      createdAt: z.iso.datetime(),
      /** `starting` while some wait for their turn, `running` while some are assessed, then `ended`, or `cancelled`. */
      state: z.enum(['starting', 'running', 'ended', 'cancelled']),
      packages: z.number().int(),
      waiting: z.number().int(),
      joined: z.number().int(),
      running: z.number().int(),
      assessed: z.number().int(),
      failed: z.number().int(),
      /** Left out when it was cancelled; an older aggregator cancels none. */
      cancelled: z.number().int().default(0),
    }),
  ),
});
export type ReplaysOutput = z.infer<typeof replaysOutput>;
/** A question rather than a command: replays, newest first, as their owner counts them. */
export const listReplaysCommand = {
  service: 'aggregator',
  name: 'list-replays',
  input: listReplaysInput,
  output: replaysOutput,
};

const steerReplayInput = z.object({ ...actor, id: z.uuid(), action: z.enum(['cancel', 'retry']) });
export type SteerReplayInput = z.infer<typeof steerReplayInput>;
const steerReplayOutput = z.object({
  id: z.uuid(),
  /** Package versions that were left out, or are tried again. */
  packages: z.number().int(),
});
export type SteerReplayOutput = z.infer<typeof steerReplayOutput>;
export const steerReplayCommand = {
  service: 'aggregator',
  name: 'steer-replay',
  input: steerReplayInput,
  output: steerReplayOutput,
};

const bulkWindowOutput = z.object({
  /** Package versions of the bulk lane whose turn has not come, new and replayed ones. */
  waiting: z.number().int(),
  /** In flight in the bulk lane. */
  running: z.number().int(),
  runningMax: z.number().int(),
});
export type BulkWindow = z.infer<typeof bulkWindowOutput>;
/** A question rather than a command: how full the window of bulk work is. */
export const bulkWindowCommand = {
  service: 'aggregator',
  name: 'bulk-window',
  input: z.object({}),
  output: bulkWindowOutput,
};

const listStandingsInput = z.object({
  /** The last one of the page before; null for the first page. */
  after: z.object({ purl: z.string(), scope: z.string() }).nullable(),
});
export type ListStandingsInput = z.infer<typeof listStandingsInput>;
const listStandingsOutput = z.object({
  /** A line of JSON for each, `standingSchema`, in the artifact store. */
  digest: sha256Digest,
  count: z.number().int(),
  /** Null on the last page. */
  next: z.object({ purl: z.string(), scope: z.string() }).nullable(),
});
export type ListStandingsOutput = z.infer<typeof listStandingsOutput>;
/** A question rather than a command: how each package version stands in each scope, page by page. */
export const listStandingsCommand = {
  service: 'aggregator',
  name: 'list-standings',
  input: listStandingsInput,
  output: listStandingsOutput,
};

const matchAdvisoriesInput = z.object({
  /** purl type. */
  type: z.string(),
  packages: z.array(z.object({ name: z.string(), versions: z.array(z.string()).max(1_000) })).max(5_000),
});
export type MatchAdvisoriesInput = z.infer<typeof matchAdvisoriesInput>;
const matchAdvisoriesOutput = z.object({
  /** `missing` where no set is loaded for the ecosystem: then nothing is known. */
  status: z.enum(['matched', 'missing']),
  /** Package versions that are affected, each with its advisories, worst first. */
  affected: z.array(
    z.object({ name: z.string(), version: z.string(), matches: z.array(advisoryMatchSchema) }),
  ),
});
export type MatchAdvisoriesOutput = z.infer<typeof matchAdvisoriesOutput>;
/** A question rather than a command: which advisories affect package versions. */
export const matchAdvisoriesCommand = {
  service: 'scanner',
  name: 'match-advisories',
  input: matchAdvisoriesInput,
  output: matchAdvisoriesOutput,
};
