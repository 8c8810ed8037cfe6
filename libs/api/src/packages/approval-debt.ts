import { z } from '../documented-zod.ts';
import { moment } from '../moment.ts';
import { shownScope } from '../scope.ts';

/** A package version that waits for a person. */
const waitingPackage = z.object({
  purl: z.string().openapi({ example: 'pkg:npm/lodash@4.17.21' }),
  codes: z.array(z.string()).openapi({ description: 'Reason codes that hold it.' }),
  recalled: z.boolean().openapi({ description: 'An approval of it was taken back.' }),
  since: moment.openapi({
    description: 'Since when it waits: its recall, or else the end of its newest assessment.',
  }),
  requests: z
    .number()
    .int()
    .openapi({ description: 'Requests in the scope that have it: lockfiles and asks.' }),
  requesters: z.number().int().openapi({ description: 'How many made them.' }),
});

export const approvalDebtSchema = z
  .object({
    scope: shownScope,
    waiting: z.number().int().openapi({ description: 'Package versions that wait for a person.' }),
    recalled: z.number().int().openapi({ description: 'Those of them whose approval was taken back.' }),
    oldestSince: moment
      .nullable()
      .openapi({ description: 'Since when the oldest waits; null when nothing does.' }),
    byReason: z.array(z.object({ code: z.string(), count: z.number().int() })).openapi({
      description: 'How many each reason holds, the most first; one that several hold is in each.',
    }),
    endingSoon: z.number().int().openapi({
      description: 'Approvals by people that end within 30 days, and wait for a person again then.',
    }),
    items: z
      .array(waitingPackage)
      .openapi({ description: 'At most 50: those that most people wait for the longest, first.' }),
  })
  .openapi('ApprovalDebt');
export type ApprovalDebt = z.infer<typeof approvalDebtSchema>;
