import { reportFormats, type Item, type ReportFormat, type RequestDetail } from '@sluice/api';
import { lanes } from '@sluice/contracts';
import { intakes } from '@sluice/ecosystems/intake';
import { formatIds } from '@sluice/intake';
import { Option, type Command } from 'commander';
import pc from 'picocolors';
import { platforms, seconds } from '../arguments.ts';
import { say, withApi } from '../connect.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { apiCommand, scoped } from '../options.ts';
import { plural, print } from '../output.ts';
import { printable } from '../render/printable.ts';
import { attentionRows, renderSummary, renderTable } from '../render/result.ts';
import { exitCodeOf, vetAll, type Vetted, type VetOptions } from '../vet-all.ts';
import { readInputs } from '../vet-inputs.ts';

/** `sluice vet <path>`: submits, waits, lists items that need attention; the exit code tells the result. */
export function vetCommand(program: Command): void {
  scoped(apiCommand(program, 'vet'))
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
    .addOption(
      new Option('--timeout <seconds>', 'give up waiting after this long').default(1_800).argParser(seconds),
    )
    .option('--requester <name>', 'who asks, on this machine’s own stack; the holder of the key otherwise')
    .addOption(
      new Option('--lane <lane>', 'bulk for what nobody waits for').choices(lanes).default('interactive'),
    )
    .option('--label <name=value>', 'may be repeated', (label: string, all: string[]) => [...all, label], [])
    .option(
      '--platform <platform>',
      'current, all or os-cpu such as linux-x64: leave out what only others install; may be repeated (default: all)',
      platforms,
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

function shownResult(result: Vetted): object {
  if (!('error' in result)) return result;
  const { code = 'command.failed', message, remedy = null } = result.error;
  return { path: result.path, error: { code, message, remedy } };
}

/** The results of a folder, file by file, and how many files are fine. */
function renderResults(results: readonly Vetted[]): string {
  const parts = results.map((result) => {
    const heading = printable(result.path);
    if (!('error' in result)) return `${heading}\n${renderResult(result)}`;
    const { message, remedy, code } = result.error;
    const shownCode = code === undefined ? '' : ` (${code})`;
    return `${heading}\n${printable(`Not vetted: ${message}${shownCode}`)}\n${remedy ? `${printable(remedy)}\n` : ''}`;
  });
  const fine = results.filter((result) => exitCodeOf([result]) === exitCodes.ok).length;
  const rest = results.length - fine;
  const closing = `${plural(results.length, 'lockfile')}: ${fine} fine, ${rest === 1 ? '1 needs' : `${rest} need`} attention.`;
  return `${parts.join('\n')}\n${closing}\n`;
}

/** The table of items that need attention, and the summary. */
export function renderResult({ request, items }: { request: RequestDetail; items: Item[] }): string {
  const rows = attentionRows(items);
  const columns = process.stdout.isTTY ? process.stdout.columns : 200;
  const table = renderTable(rows, columns, pc.isColorSupported && process.stdout.isTTY);
  return `${rows.length > 0 ? `${table}\n\n` : ''}${renderSummary(request, items)}\n`;
}
