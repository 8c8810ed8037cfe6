import { advisoryMatchSchema, type ItemStanding, type Known } from '@sluice/contracts';
import { documentable, z } from '../documented-zod.ts';
import { moment } from '../moment.ts';
import { advisorySetSchema } from '../operations/advisory-set.ts';
import { itemSchema } from './item.ts';
import { requestSchema } from './request.ts';

/** Formats of a report; `json` holds all that the others are made of. */
export const reportFormats = [
  'json',
  'csv',
  'sarif',
  'cyclonedx',
  'spdx',
  'vex',
  'html',
  'markdown',
  'junit',
] as const;
export type ReportFormat = (typeof reportFormats)[number];

const standings = [
  'approved-by-policy',
  'approved-by-person',
  'review',
  'rejected',
  'failed',
  'cancelled',
  'open',
  'foreign',
  'other-platform',
  'own',
] as const satisfies readonly ItemStanding[];

const reportFileSchema = z.object({
  file: z.string(),
  sizeBytes: z.number().nullable(),
  sha1: z.string(),
  sha256: z.string(),
  sha512: z.string(),
});

/** An item with the evidence that reports show. */
export const reportItemSchema = itemSchema
  .omit({ attempt: true, queuePosition: true, bytes: true, lastError: true })
  .extend({
    standing: z.enum(standings).openapi({
      description: 'Whether it may be installed: `approved-by-policy`, `approved-by-person`, or why not.',
    }),
    license: z
      .object({ declared: z.string().nullable(), expression: z.string().nullable() })
      .nullable()
      .openapi({ description: 'The declared license, as the author wrote it and as an SPDX expression.' }),
    files: z
      .array(reportFileSchema)
      .openapi({ description: 'Archives whose bytes were verified, with their hashes in hex.' }),
    advisories: z.array(documentable(advisoryMatchSchema)),
    line: z
      .number()
      .int()
      .optional()
      .openapi({ description: 'Line of the file, where it is known; the command line adds it.' }),
  })
  .openapi('ReportItem');
export type ReportItem = Known<z.infer<typeof reportItemSchema>>;

/** A package version over all files of a report. */
export const reportPackageSchema = reportItemSchema
  .pick({
    purl: true,
    name: true,
    version: true,
    standing: true,
    license: true,
    advisories: true,
    reasons: true,
    unassessable: true,
    failure: true,
    decision: true,
  })
  .extend({
    files: z.array(z.string()).openapi({ description: 'The files that name it.' }),
  })
  .openapi('ReportPackage');
export type ReportPackage = Known<z.infer<typeof reportPackageSchema>>;

/** A file that should have been judged, and could not be read. */
const unreadFileSchema = z.object({ file: z.string(), code: z.string(), message: z.string() });
export type UnreadFile = z.infer<typeof unreadFileSchema>;

export const reportSchema = z
  .object({
    generatedAt: moment,
    generator: z.object({ name: z.string(), version: z.string() }),
    requests: z
      .array(z.object({ request: requestSchema, items: z.array(reportItemSchema) }))
      .openapi({ description: 'One, unless reports were put together.' }),
    unread: z
      .array(unreadFileSchema)
      .optional()
      .openapi({ description: 'Files that should have been judged, and could not be read, with why.' }),
    packages: z
      .array(reportPackageSchema)
      .optional()
      .openapi({ description: 'Of a batch: each package version once, with its gravest item.' }),
    advisories: z.array(advisorySetSchema),
  })
  .openapi('Report');
export type Report = Omit<z.infer<typeof reportSchema>, 'requests' | 'packages'> & {
  packages?: ReportPackage[] | undefined;
  requests: { request: z.infer<typeof requestSchema>; items: ReportItem[] }[];
};

export const reportQuery = z.object({
  format: z.enum(reportFormats).default('json').openapi({ description: 'docs/reports.md has each of them.' }),
});
