import { z } from 'zod';
import { scopeField, scopeSchema } from './scope.ts';

const service = 'aggregator';
const timestamp = z.iso.datetime({ offset: true });

/** A policy that is or was in force in a scope. */
export const policyVersionSchema = z.object({
  scope: scopeSchema,
  /** Counts the policies of the scope from 1. */
  version: z.number().int().positive(),
  name: z.string(),
  /** Stands in verdicts as `policyVersion`. */
  digest: z.string(),
  activatedAt: timestamp,
  /** The document as it was understood, with every default. */
  document: z.record(z.string(), z.unknown()),
});
export type PolicyVersion = z.infer<typeof policyVersionSchema>;

const listInput = z.object({
  /** Whom the scopes of a key may see; null for all. */
  scopes: z.array(scopeSchema).nullable(),
  limit: z.number().int().min(1).max(1_000),
  after: z.object({ activatedAt: timestamp, scope: scopeSchema, version: z.number().int() }).nullable(),
});
export type ListPoliciesInput = z.infer<typeof listInput>;
const listOutput = z.object({ policies: z.array(policyVersionSchema) });
export type ListPoliciesOutput = z.infer<typeof listOutput>;
/** A question rather than a command: policies, the last activated first. */
export const listPoliciesCommand = { service, name: 'list-policies', input: listInput, output: listOutput };

/** Characters of a policy document: the default with all its licenses and comments has 8,000. */
export const policyCharsMax = 100_000;

const tryInput = z.object({
  scope: scopeField,
  /** The document, as YAML or JSON. */
  policy: z.string().min(1).max(policyCharsMax),
  /** The package version that the page before ended with; null for the first page. */
  after: z.string().nullable(),
});
export type TryPolicyInput = z.infer<typeof tryInput>;

/** A package version that a policy would decide otherwise. */
const otherwise = z.object({
  purl: z.string(),
  /** Reasons under the policy that is tried, or under the present one for a package version that would be free. */
  codes: z.array(z.string()),
  /** Requests in the scope that have it, which is lockfiles, and who made them; at most 10 are named. */
  requests: z.number().int(),
  requesters: z.array(z.string()),
});
const tryOutput = z.object({
  /** Digest of the policy that was tried. */
  digest: z.string(),
  /** Package versions in use of this page that were judged. */
  judged: z.number().int(),
  /** Of them those that may be installed now and could not be. */
  newlyHeld: z.array(otherwise),
  /** Those that may not and could be. */
  newlyFree: z.array(otherwise),
  /** Where the next page begins; null for the last one. */
  next: z.string().nullable(),
});
export type TryPolicyOutput = z.infer<typeof tryOutput>;
/** A question: how a policy would decide on everything in use, by the evidence that is stored. Changes nothing. */
export const tryPolicyCommand = { service, name: 'try-policy', input: tryInput, output: tryOutput };
