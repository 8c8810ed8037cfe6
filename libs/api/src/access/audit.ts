import { momentSchema, visibleText } from '@sluice/contracts';
import { documentable, z } from '../documented-zod.ts';
import { moment } from '../moment.ts';
import { pageQuery, pageSchemaOf } from '../page.ts';

const outcome = z
  .enum(['done', 'denied'])
  .openapi({ description: '`denied`: the right to do it was missing.' });

/** An act, or an attempt of one that was denied. */
export const auditEntrySchema = z
  .object({
    id: z.uuid(),
    at: moment,
    actor: z.string().openapi({ example: 'mira@example.org' }),
    action: z.string().openapi({ example: 'approve' }),
    subject: z.string().openapi({ example: 'pkg:npm/lodash@4.17.21' }),
    outcome,
    detail: z
      .record(z.string(), z.unknown())
      .openapi({ description: 'Why, and what was there before and after.' }),
    service: z.string().openapi({ description: 'The service that did it.' }),
    traceId: z.string().nullable(),
    hash: z.string().openapi({
      description:
        'SHA-256 over the entry and the hash of the one before it: an entry that is taken out or changed shows.',
    }),
  })
  .openapi('AuditEntry');
export type AuditEntryView = z.infer<typeof auditEntrySchema>;

export const auditPageSchema = pageSchemaOf(auditEntrySchema, 'AuditPage');

const auditFilter = {
  actor: documentable(visibleText(200)).optional(),
  action: documentable(visibleText(100)).optional(),
  subject: documentable(visibleText(1_000)).optional(),
  outcome: outcome.optional(),
  since: documentable(momentSchema).optional().openapi({ description: 'No earlier than this.' }),
  until: documentable(momentSchema).optional().openapi({ description: 'Earlier than this.' }),
};
export const auditQuery = z.object({ ...auditFilter, ...pageQuery(500, 100) });
export const auditExportQuery = z.object({
  ...auditFilter,
  format: z.enum(['ndjson', 'csv']).default('ndjson'),
});
