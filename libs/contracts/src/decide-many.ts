import { z } from 'zod';
import { actor, countedAs } from './command-actor.ts';
import { decisionSchema } from './evidence/index.ts';
import { scopeField } from './scope.ts';

/** Package versions that are decided at once: some seconds of work, which a caller waits for. */
export const decisionsMax = 500;

/** What a decider looked at: its assessment, null for none, and how many decisions there were; null where that does not matter. */
const lookSchema = z.object({ assessmentId: z.uuid().nullable(), sequence: z.number().int().nullable() });
export type Look = z.infer<typeof lookSchema>;

const input = z.object({
  ...actor,
  ...countedAs,
  scope: scopeField,
  state: z.enum(['approved', 'rejected']),
  /** When the decisions end by themselves. */
  until: z.iso.datetime({ offset: true }).nullable(),
  /** These package versions; null to choose by `code`. */
  purls: z.array(z.string()).min(1).max(decisionsMax).nullable(),
  /** Of those that are named, by purl; what has changed since is refused. An older gateway does not say. */
  looks: z.record(z.string(), lookSchema).nullish(),
  /** Those that wait for a person in the scope for this reason alone; null to name them. */
  code: z.string().max(100).nullable(),
  /** So many have to be chosen, or none is decided; null for a preview. */
  expectedCount: z.number().int().min(0).max(decisionsMax).nullable(),
  /** Says how each would be answered, and decides none. */
  dryRun: z.boolean(),
});
export type DecideManyInput = z.infer<typeof input>;

const output = z.object({
  /** Package versions that were chosen, in the order of their purls or as they were named. */
  items: z.array(
    z.object({
      purl: z.string(),
      /** The assessment that is decided on; null where there is none. An older aggregator does not say. */
      assessmentId: z.uuid().nullish(),
      /** How many decisions there were before this one. */
      sequence: z.number().int().nullish(),
      /** The decision that holds now, or would; null for a refusal. */
      decision: decisionSchema.nullable(),
      /** Why it was refused; the codes are those of a single decision. */
      refusal: z.object({ code: z.string(), detail: z.string() }).nullable(),
    }),
  ),
  decided: z.number().int(),
  refused: z.number().int(),
});
export type DecideManyOutput = z.infer<typeof output>;
/** Many decisions in one act: each is its own, with its own row in the audit, and one that is refused stops no other. */
export const decideManyCommand = { service: 'aggregator', name: 'decide-many', input, output };
