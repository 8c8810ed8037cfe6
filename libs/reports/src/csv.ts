import type { Report, ReportItem, UnreadFile } from '@sluice/api';
import { fileOf, plain, reasonsOf, unreadOf } from './findings.ts';

const columns = [
  'file',
  'name',
  'version',
  'purl',
  'standing',
  'codes',
  'messages',
  'license',
  'advisories',
  'decision',
  'direct',
  'development',
  'places',
] as const;

/** CSV by RFC 4180: a row for each item, and for each file that could not be read. A cell that a spreadsheet would take for a formula begins with an apostrophe. */
export function renderCsv(report: Report): string {
  const rows = report.requests.flatMap(({ request, items }) =>
    items.map((item) => rowOf(item, fileOf(request))),
  );
  const unread = unreadOf(report).map(unreadRow);
  return [columns, ...rows, ...unread].map(csvRow).join('');
}

/** A row of CSV, with its end. Cells are quoted, and none is a formula. */
export function csvRow(cells: readonly string[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

function rowOf(item: ReportItem, file: string): string[] {
  const reasons = reasonsOf(item, file);
  return [
    file,
    item.name,
    item.version ?? '',
    item.purl ?? '',
    item.standing,
    reasons.map(({ code }) => code).join(' '),
    reasons.map(({ message }) => message).join(' | '),
    item.license?.expression ?? item.license?.declared ?? '',
    item.advisories.map(({ id }) => id).join(' '),
    item.decision ? `${item.decision.state} by ${item.decision.by.name}` : '',
    String(item.direct),
    String(item.dev),
    String(item.pathCount),
  ];
}

function unreadRow({ file, code, message }: UnreadFile): string[] {
  const cells: Partial<Record<string, string>> = { file, standing: 'unread', codes: code, messages: message };
  return columns.map((column) => cells[column] ?? '');
}

/** Spreadsheets read a formula behind each of these, in their wide forms as well. Source: OWASP, "CSV Injection". */
const formula = /^\s*[=+\-@＝＋－＠|%]/;

function cell(text: string): string {
  const line = plain(text);
  return `"${(formula.test(line) ? `'${line}` : line).replaceAll('"', '""')}"`;
}
