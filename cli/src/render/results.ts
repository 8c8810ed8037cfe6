import type { Item, RequestDetail } from '@sluice/api';
import pc from 'picocolors';
import { exitCodes } from '../exit-codes.ts';
import { plural } from '../output.ts';
import { exitCodeOf, type Vetted } from '../vet-all.ts';
import { printable } from './printable.ts';
import { attentionRows, renderSummary, renderTable } from './result.ts';

/** A result as `--json` has it. */
export function shownResult(result: Vetted): object {
  if (!('error' in result)) return result;
  const { code = 'command.failed', message, remedy = null } = result.error;
  return { path: result.path, error: { code, message, remedy } };
}

/** The results of several files, file by file, and how many are fine. */
export function renderResults(results: readonly Vetted[]): string {
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
