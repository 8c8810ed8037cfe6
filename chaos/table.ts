import { secondsOf } from './row.ts';
import type { Skipped } from './row.ts';
import { failuresOf, type RowResult } from './run-row.ts';

const heading = [
  'row',
  'fault',
  'injected',
  'acknowledged',
  'ok',
  'lost',
  'duplicate',
  'unknown',
  'I1–I6',
  'recovery',
  'verdict',
];

/** The results as a Markdown table. */
export function resultTable(results: readonly RowResult[], skipped: readonly Skipped[]): string {
  const lines = [
    ...results.map((result) => ({ number: result.number, cells: cellsOf(result) })),
    ...skipped.map(({ number, name, reason }) => ({
      number,
      cells: [String(number), name, reason, '', '', '', '', '', '', '', 'not injected'],
    })),
  ].toSorted((a, b) => a.number - b.number);
  const line = (cells: string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
  return [line(heading), line(heading.map(() => '---')), ...lines.map(({ cells }) => line(cells))].join('\n');
}

function cellsOf(result: RowResult): string[] {
  const { number, name, injected, check, recovery } = result;
  const problems = failuresOf(result);
  const counts = check
    ? [check.acknowledged, check.ok, check.lost, check.duplicate, check.unknown].map(String)
    : ['', '', '', '', ''];
  return [
    String(number),
    name,
    injected,
    ...counts,
    check ? invariantsOf(check.invariants) : '',
    recovery
      ? `${secondsOf(recovery.measuredMs)} s of ${secondsOf(recovery.barMs)} s (${recovery.what})`
      : 'no bar',
    problems.length === 0 ? 'pass' : `**FAIL**: ${problems.join('; ').replaceAll(/\s+/g, ' ').slice(0, 600)}`,
  ];
}

function invariantsOf(invariants: Record<string, { held: boolean | null; detail: string }>): string {
  const failed = Object.entries(invariants).filter(([, { held }]) => held === false);
  const open = Object.entries(invariants).filter(([, { held }]) => held === null);
  if (failed.length > 0) return `not ${failed.map(([name]) => name).join(', ')}`;
  return open.length > 0
    ? `all but ${open.map(([name, { detail }]) => `${name} (${detail})`).join(', ')}`
    : 'all';
}
