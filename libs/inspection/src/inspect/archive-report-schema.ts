import { findingSchema } from '@sluice/contracts';
import { z } from 'zod';
import { reportFilesMax, reportFindingsMax, type ArchiveReport } from './archive-report.ts';

const textMap = z.record(z.string(), z.string());

const reportSchema = z.object({
  status: z.enum(['scanned', 'unscannable']),
  reason: z.string().max(100).nullable(),
  detail: z.string().max(2_000).nullable(),
  findings: z.array(findingSchema).max(reportFindingsMax),
  findingsTotal: z.number().int().nonnegative(),
  licenseTexts: z.array(z.object({ file: z.string(), expression: z.string(), score: z.number() })).max(20),
  manifest: z
    .object({
      name: z.string().nullable(),
      version: z.string().nullable(),
      scripts: textMap,
      dependencies: textMap,
      optionalDependencies: textMap,
      peerDependencies: textMap,
      main: z.string().nullable(),
      bin: textMap,
      entryPoints: z.array(z.string()),
      executables: textMap.optional(),
    })
    .nullable(),
  entryCount: z.number().int().nonnegative(),
  unpackedSizeBytes: z.number().int().nonnegative(),
  files: z.array(z.object({ path: z.string(), sizeBytes: z.number().int() })).max(reportFilesMax),
  contentHashes: z
    .array(z.string().regex(/^[0-9a-f]{64}$/))
    .max(2)
    .optional(),
}) satisfies z.ZodType<ArchiveReport>;

/**
 * Reads a report that came out of a child process or the artifact store. A hostile archive may control the child,
 * so its answer is checked like any other input.
 * @throws SyntaxError or ZodError when it is no report.
 */
export function parseArchiveReport(bytes: Buffer): ArchiveReport {
  return reportSchema.parse(JSON.parse(bytes.toString('utf8')));
}
