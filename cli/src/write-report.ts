import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Report, ReportFormat, UnreadFile } from '@sluice/api';
import { mergeReports, renderReport } from '@sluice/reports';
import type { ApiClient } from './api-client.ts';
import { CommandError, exitCodes } from './exit-codes.ts';
import { findLines } from './find-lines.ts';
import type { VetInput } from './vet-inputs.ts';
import type { Vetted } from './vet-all.ts';

/**
 * The reports of all files that were vetted, as one, with places in the files. Paths are relative to the working folder, as code hosts
 * want them.
 * @throws CommandError with exit code 2 when no file has a request that could be reported.
 */
export async function reportOf(
  api: ApiClient,
  results: readonly Vetted[],
  inputs: readonly VetInput[],
): Promise<Report> {
  const reports: Report[] = [];
  const unread: UnreadFile[] = [];
  for (const result of results) {
    if ('error' in result) {
      const { code, message } = result.error;
      unread.push({ file: relativePath(result.path), code: code ?? 'lockfile.invalid', message });
      continue;
    }
    const report = await api.report(result.request.id);
    const input = inputs.find((one) => one.path === result.path);
    reports.push(input && 'content' in input ? withPlaces(report, input) : report);
  }
  const [first, ...rest] = reports;
  if (!first)
    throw new CommandError(exitCodes.usage, 'No file was vetted: there is nothing to report.', undefined);
  return { ...mergeReports([first, ...rest]), ...(unread.length > 0 ? { unread } : {}) };
}

function withPlaces(report: Report, input: Extract<VetInput, { content: Buffer }>): Report {
  const filename = input.filename === undefined ? null : relativePath(input.path);
  return {
    ...report,
    requests: report.requests.map(({ request, items }) => {
      const lines = findLines(input.content, items);
      return {
        request: { ...request, filename },
        items: items.map((item, index) => {
          const line = lines[index];
          return line === undefined ? item : { ...item, line };
        }),
      };
    }),
  };
}

/** With slashes; a file outside of the working folder keeps its name. */
function relativePath(file: string): string {
  const relative = path.relative('.', file).split(path.sep).join('/');
  return relative.startsWith('../') || path.isAbsolute(relative) ? path.basename(file) : relative;
}

/** Writes a report to a file, or to stdout. @throws CommandError with exit code 2 for a file that cannot be written. */
export async function writeReport(
  report: Report,
  format: ReportFormat,
  output: string | undefined,
): Promise<void> {
  const text = renderReport(report, format);
  if (output === undefined) {
    process.stdout.write(text);
    return;
  }
  await writeFile(output, text).catch((cause: unknown) => {
    const { code } = cause as NodeJS.ErrnoException;
    throw new CommandError(
      exitCodes.usage,
      `${output} cannot be written (${code}).`,
      'Give another --output.',
      {
        cause,
      },
    );
  });
}
