import { z } from 'zod';
import { actor, countedAs } from './command-actor.ts';
import { purlLengthMax } from './purl.ts';
import { scopeSchema } from './scope.ts';

/** A waiver is looked at again after a year at the latest. */
export const waiverDaysMax = 365;

const timestamp = z.iso.datetime({ offset: true });

/** The terms of a waiver, as people state them. */
export const waiverTermsSchema = z.object({
  /** The package, as a purl without version: `pkg:npm/lodash`. */
  package: z.string().min(1).max(purlLengthMax),
  /** The versions: comparisons that all have to hold, `>=4.0.0 <5.0.0`, or one version; null for all. */
  range: z.string().min(1).max(200).nullable(),
  /** Codes of the reasons that it waives. */
  codes: z.array(z.string().min(1).max(100)).min(1).max(20),
  /** Ids or aliases of the advisories that it is limited to; empty for every advisory. */
  advisories: z.array(z.string().min(1).max(100)).max(50),
  /** When it ends by itself. */
  until: timestamp,
});

export const waiverSchema = waiverTermsSchema.extend({
  id: z.uuid(),
  scope: scopeSchema,
  reason: z.string(),
  by: z.string(),
  createdAt: timestamp,
  /** Who ended it early, when and why; null while it was not ended. */
  ended: z.object({ by: z.string(), at: timestamp, reason: z.string() }).nullable(),
});
export type Waiver = z.infer<typeof waiverSchema>;

const service = 'aggregator';

const createInput = z.object({
  ...actor,
  ...countedAs,
  ...waiverTermsSchema.shape,
  id: z.uuid(),
  scope: scopeSchema,
});
export type CreateWaiverInput = z.infer<typeof createInput>;
const changedOutput = z.object({
  waiver: waiverSchema,
  /** Package versions in use that were judged anew through this. */
  judged: z.number().int(),
});
export type WaiverOutput = z.infer<typeof changedOutput>;
/** Sent again with the same id, it is the same waiver. */
export const createWaiverCommand = {
  service,
  name: 'create-waiver',
  input: createInput,
  output: changedOutput,
};

/** Whom the scopes of a key may not see; null for all. */
const scopes = z.array(scopeSchema).nullable();

const endInput = z.object({ ...actor, id: z.uuid(), scopes });
export type EndWaiverInput = z.infer<typeof endInput>;
export const endWaiverCommand = { service, name: 'end-waiver', input: endInput, output: changedOutput };

const listInput = z.object({
  scopes,
  package: z.string().max(purlLengthMax).nullable(),
  /** `holding`: neither ended early nor at its end. */
  state: z.enum(['holding', 'ended']).nullable(),
  limit: z.number().int().min(1).max(1_000),
  after: z.object({ createdAt: timestamp, id: z.uuid() }).nullable(),
});
export type ListWaiversInput = z.infer<typeof listInput>;
const listOutput = z.object({ waivers: z.array(waiverSchema) });
export type ListWaiversOutput = z.infer<typeof listOutput>;
/** A question rather than a command: waivers, newest first. */
export const listWaiversCommand = { service, name: 'list-waivers', input: listInput, output: listOutput };
