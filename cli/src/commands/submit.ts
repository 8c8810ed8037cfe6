import { acceptedBatchSchema, reportFormats, reportSchema, type ReportFormat } from '@sluice/api';
import { Option, type Command } from 'commander';
import type { ApiClient } from '../api-client.ts';
import { readBatchInput, type BatchInput } from '../batch-inputs.ts';
import { say, withApi } from '../connect.ts';
import { currentPlatform } from '../current-platform.ts';
import { exitCodes } from '../exit-codes.ts';
import { apiCommand, type ApiOptions } from '../options.ts';
import { plural, print } from '../output.ts';
import { showBatch } from '../show-batch.ts';
import { submitting, type SubmissionOptions } from '../submission-options.ts';
import { exitCodeOf } from '../vet-all.ts';
import { resultsOf, waitForBatch } from '../wait-for-batch.ts';

interface SubmitOptions extends ApiOptions, SubmissionOptions {
  wait: boolean;
  format?: ReportFormat;
  output?: string;
}

/** `sluice submit <zip, folder or files>`: submits a batch, waits, and shows the items that need attention, file by file. */
export function submitCommand(program: Command): void {
  submitting(apiCommand(program, 'submit'))
    .argument('<paths...>', 'a zip, or files and folders with lockfiles')
    .description('submit several files as one batch, wait, and show what needs attention')
    .option('--no-wait', 'say only which batch it is; `batch status` shows how it goes on')
    .addOption(
      new Option('--format <name>', 'a report over all files in place of the tables').choices(reportFormats),
    )
    .option('--output <file>', 'write the report there, and show the tables all the same')
    .action(async (given: string[], options: SubmitOptions) => {
      process.exitCode = await submit(given, options);
    });
}

async function submit(given: string[], options: SubmitOptions): Promise<number> {
  const input = await readBatchInput(given);
  return withApi(options, async (api) => {
    const { id, repeated } = await api.submitBatch(acceptedBatchSchema, input, await parametersOf(options));
    if (!options.wait) {
      print(options, { id, repeated }, () => `Batch ${id}\n`);
      return exitCodes.ok;
    }
    say(`Batch ${id}${describeInput(input)}`);
    const batch = await waitForBatch(api, id, options.timeout * 1000);
    const results = await resultsOf(api, batch);
    const isReport = options.format !== undefined;
    if (isReport) await report(api, id, options.format!, options.output);
    if (!isReport || options.output !== undefined) showBatch(options, batch, results);
    else for (const one of results) if ('error' in one) say(`${one.path}: ${one.error.message}`);
    return exitCodeOf(results);
  });
}

/** Parameters as the API has them; one that is a list may be repeated. */
async function parametersOf(options: SubmitOptions): Promise<[string, string][]> {
  const { lane, scope, requester, label, platform = [] } = options;
  const named = await Promise.all(
    platform.map(async (name) => (name === 'current' ? await currentPlatform('.') : name)),
  );
  const single = Object.entries({ lane, scope, requester }).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]],
  );
  const repeated = (name: string, values: string[]) => values.map((value): [string, string] => [name, value]);
  return [...single, ...repeated('label', label), ...repeated('platform', named)];
}

function describeInput(input: BatchInput): string {
  return input.kind === 'archive' ? ` of ${input.filename}` : ` of ${plural(input.files.length, 'file')}`;
}

/** Loaded when it is asked for: the formats of reports are many. */
async function report(
  api: ApiClient,
  id: string,
  format: ReportFormat,
  output: string | undefined,
): Promise<void> {
  const { writeReport } = await import('../write-report.ts');
  const found = await api.get(reportSchema, `/v1/batches/${id}/report?format=json`);
  await writeReport(found, format, output);
}
