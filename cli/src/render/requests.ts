import type { RequestSummary } from '@sluice/api';
import { printable } from './printable.ts';

/** Outcomes of items, most urgent first, with the words for the table. */
const outcomes = [
  ['failed', 'failed'],
  ['reject', 'rejected'],
  ['review', 'to review'],
  ['approve', 'clean'],
  ['cancelled', 'cancelled'],
] as const;

/** A request a line: id, state, progress, file with the platforms that it is for, requester, time of submission, outcomes. Pure. */
export function renderRequests(requests: RequestSummary[]): string {
  if (requests.length === 0) return 'There are no requests yet.\n';
  const rows = requests.map((request) => [
    request.id,
    request.state,
    `${request.endedItems}/${request.itemCount}`,
    [request.filename ?? '-', ...request.platforms].join(' '),
    request.requester,
    request.submittedAt.slice(0, 19).replace('T', ' '),
    outcomes
      .flatMap(([outcome, words]) => (request.counts[outcome] ? `${request.counts[outcome]} ${words}` : []))
      .join(', '),
  ]);
  const all = [['request', 'state', 'ended', 'file', 'requester', 'submitted (UTC)', 'outcomes'], ...rows];
  return `${renderColumns(all)}\n\n`;
}

/** Cells below each other. Pure. */
export function renderColumns(rows: string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) => printable(row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ')).trimEnd())
    .join('\n');
}
