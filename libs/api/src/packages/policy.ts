import {
  policyCharsMax,
  policyVersionSchema,
  scopeSchema,
  tryPolicyCommand,
  visibleText,
} from '@sluice/contracts';
import { documentable, z } from '../documented-zod.ts';
import { moment } from '../moment.ts';
import { pageQuery, pageSchemaOf } from '../page.ts';
import { shownScope } from '../scope.ts';

/** A policy that is or was in force in a scope. */
export const shownPolicySchema = z
  .object({
    ...policyVersionSchema.shape,
    scope: shownScope,
    activatedAt: moment,
    digest: z.string().openapi({
      example: 'default@5f0c3c5f2d1e4a7b',
      description: 'Stands in verdicts as `policyVersion`.',
    }),
    document: z.record(z.string(), z.unknown()).openapi({
      description: 'The document as it was understood, with every default.',
    }),
  })
  .openapi('Policy');
export type ShownPolicy = z.infer<typeof shownPolicySchema>;
export const policyPageSchema = pageSchemaOf(shownPolicySchema, 'PolicyPage');
export const policiesQuery = z.object({
  scope: documentable(scopeSchema).optional(),
  ...pageQuery(200, 50),
});

export const tryPolicySchema = z
  .strictObject({
    policy: z.string().min(1).max(policyCharsMax).openapi({
      example: 'version: 1\nname: stricter\nadvisories: { high: reject }',
      description: 'The document, as YAML or JSON.',
    }),
    after: documentable(visibleText(1_024)).nullish().openapi({
      description: '`next` of the page before; none for the first page.',
    }),
  })
  .openapi('TryPolicy');

const otherwise = z.object({
  purl: z.string().openapi({ example: 'pkg:npm/lodash@4.17.21' }),
  codes: z
    .array(z.string())
    .openapi({ description: 'Reason codes that lead to it; of what would be free, those that hold it now.' }),
  requests: z.number().int().openapi({ description: 'Requests in the scope that have it: lockfiles.' }),
  requesters: z.array(z.string()).openapi({ description: 'Who made them; at most 10.' }),
});

export const triedPolicySchema = z
  .object({
    ...tryPolicyCommand.output.shape,
    newlyHeld: z.array(otherwise).openapi({ description: 'May be installed now, and could not be.' }),
    newlyFree: z.array(otherwise).openapi({ description: 'May not be installed now, and could be.' }),
    next: z.string().nullable().openapi({
      description: 'For `after` of the next page; null for the last.',
    }),
  })
  .openapi('TriedPolicy');
export type TriedPolicy = z.infer<typeof triedPolicySchema>;
