import { reportFormats, type ReportFormat } from '@sluice/api';
import { intakes } from '@sluice/ecosystems/intake';
import { formatIds } from '@sluice/intake';
import type { Command } from 'commander';
import { say, withApi } from '../connect.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { apiCommand } from '../options.ts';
import { print } from '../output.ts';
import { renderResult, renderResults, shownResult } from '../render/results.ts';
import { submitting } from '../submission-options.ts';
import { exitCodeOf, vetAll, type Vetted, type VetOptions } from '../vet-all.ts';
import { readInputs } from '../vet-inputs.ts';

/** `sluice vet <path>`: submits, waits, lists items that need attention; the exit code tells the result. */
export function vetCommand(program: Command): void {
  submitting(apiCommand(program, 'vet'))
    .argument(
      '<path>',
      'a lockfile, an SBOM or a list of purls; - for one that is piped in; a folder for each lockfile in it',
    )
    .description('submit a lockfile, wait, and show what needs attention')
    .option('--format <name>', `a report in place of the table: ${reportFormats.join(', ')}`)
    .option('--output <file>', 'write the report there, and show the table all the same')
    .option(
      '--input-format <name>',
      `read the file as this format, whatever its content and name: ${formatIds(intakes).join(', ')}`,
    )
    .action(async (given: string, options: VetOptions) => {
      process.exitCode = await vet(given, options);
    });
}

async function vet(given: string, asked: Omit<VetOptions, 'format'> & { format?: string }): Promise<number> {
  const options = readFormats(asked);
  const { inputs, isFolder } = await readInputs(given, options.inputFormat);
  return withApi(options, async (api) => {
    const results = await vetAll(api, inputs, isFolder, options);
    const { format, output } = options;
    if (format !== undefined) {
      // The formats of other tools are a fifth of the time to start, and most runs need none.
      const { reportOf, writeReport } = await import('../write-report.ts');
      await writeReport(await reportOf(api, results, inputs), format, output);
    }
    // A report on stdout is all that stands there.
    if (format === undefined || output !== undefined) showResults(options, results, isFolder);
    else for (const result of results) if ('error' in result) say(`${result.path}: ${result.error.message}`);
    return exitCodeOf(results);
  });
}

/** `--format` is the report's; with a name that only files have, it says how the file is read. */
function readFormats({ format, ...options }: Omit<VetOptions, 'format'> & { format?: string }): VetOptions {
  const isReport = (name: string): name is ReportFormat => reportFormats.some((known) => known === name);
  if (format === undefined) {
    if (options.output !== undefined)
      throw wrong('--output needs a --format.', 'Add --format sarif, for instance.');
    return options;
  }
  if (isReport(format)) {
    if (options.json && options.output === undefined)
      throw wrong('--json and --format cannot share stdout.', 'Add --output <file> for the report.');
    return { ...options, format };
  }
  if (options.inputFormat !== undefined || !formatIds(intakes).includes(format))
    throw wrong(
      `There is no report of the format "${format}".`,
      `Reports are ${reportFormats.join(', ')}. --input-format says how the file is read.`,
    );
  return { ...options, inputFormat: format };
}

function wrong(message: string, remedy: string): CommandError {
  return new CommandError(exitCodes.usage, message, remedy, { code: 'command.wrong' });
}

function showResults(options: VetOptions, results: readonly Vetted[], isFolder: boolean): void {
  if (isFolder) print(options, { results: results.map(shownResult) }, () => renderResults(results));
  else if ('request' in results[0]!) {
    const { request, items } = results[0];
    print(options, { request, items }, renderResult);
  }
}
