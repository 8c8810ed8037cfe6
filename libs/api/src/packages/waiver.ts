import { momentSchema, purlLengthMax, scopeSchema, visibleText, waiverSchema } from '@sluice/contracts';
import { actor } from '../actor.ts';
import { documentable, z } from '../documented-zod.ts';
import { moment } from '../moment.ts';
import { pageQuery, pageSchemaOf } from '../page.ts';
import { scopeParameter, shownScope } from '../scope.ts';

const packageField = documentable(visibleText(purlLengthMax)).openapi({
  example: 'pkg:npm/lodash',
  description: 'The package, as a purl without version.',
});
const rangeField = documentable(visibleText(200)).nullable().openapi({
  example: '>=4.0.0 <5.0.0',
  description:
    'The versions: comparisons parted by blanks that all have to hold, or one version, in the order of the ecosystem; null for all.',
});
const codesField = z
  .array(documentable(visibleText(100)))
  .min(1)
  .max(20)
  .openapi({ example: ['advisory.critical'], description: 'Codes of the reasons that it waives.' });
const advisoriesField = z
  .array(documentable(visibleText(100)))
  .max(50)
  .openapi({
    example: ['GHSA-jf85-cpcp-j695'],
    description:
      'Ids or aliases of the advisories that it is limited to; empty for a reason whatever it is about.',
  });

/** A reason of a package that people have decided to live with until a time. */
export const shownWaiverSchema = z
  .object({
    ...waiverSchema.shape,
    package: packageField,
    range: rangeField,
    codes: codesField,
    advisories: advisoriesField,
    scope: shownScope,
    until: moment,
    createdAt: moment,
    ended: z
      .object({ ...waiverSchema.shape.ended.unwrap().shape, at: moment })
      .nullable()
      .openapi({
        description: 'Who ended it early, when and why.',
      }),
  })
  .openapi('Waiver');
export type ShownWaiver = z.infer<typeof shownWaiverSchema>;

export const newWaiverSchema = z
  .strictObject({
    ...actor('The vulnerable function is not called.'),
    package: packageField,
    range: rangeField.optional(),
    codes: codesField,
    advisories: advisoriesField.optional(),
    until: documentable(momentSchema).openapi({ description: 'When it ends by itself; within 365 days.' }),
  })
  .openapi('NewWaiver');

export const waiverActionSchema = z.strictObject(actor('It is fixed.')).openapi('WaiverAction');

export const waiverChangedSchema = z
  .object({
    waiver: shownWaiverSchema,
    judged: z
      .number()
      .int()
      .openapi({ description: 'Package versions in use that were judged anew through this.' }),
  })
  .openapi('WaiverChanged');

export const waiverPageSchema = pageSchemaOf(shownWaiverSchema, 'WaiverPage');
export const waiversQuery = z.object({
  scope: documentable(scopeSchema).optional(),
  package: packageField.optional(),
  state: z
    .enum(['holding', 'ended'])
    .optional()
    .openapi({ description: '`holding`: neither ended early nor at its end.' }),
  ...pageQuery(500, 100),
});
export const waiverQuery = z.object({ scope: scopeParameter });
