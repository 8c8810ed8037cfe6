import type { Report, ReportItem, UnreadFile } from '@sluice/api';
import { errorCodes, printable, type ErrorCode, type Severity } from '@sluice/contracts';

/** One reason for which an item must not be used as it is. */
export interface ReportFinding {
  item: ReportItem;
  /** Name of the file, relative to the project. */
  file: string;
  /** Stable code of the reason, `advisory.high`. */
  code: string;
  message: string;
  remedy: string | null;
  severity: Severity;
  /** Rejected or failed, rather than to be looked at. */
  isError: boolean;
}

/** Standings of items that may be installed, or that need no decision. */
const fine = new Set<ReportItem['standing']>([
  'approved-by-policy',
  'approved-by-person',
  'own',
  'other-platform',
]);

const errors = new Set<ReportItem['standing']>(['rejected', 'failed']);

export const severities = [
  'critical',
  'high',
  'medium',
  'low',
  'info',
] as const satisfies readonly Severity[];

/** Longer texts of packages are cut. */
const textMaxChars = 1_000;

/** Text of strangers as one printable line. */
export function plain(text: string): string {
  return printable(text, textMaxChars);
}

export function nameOf({ name, version }: Pick<ReportItem, 'name' | 'version'>): string {
  return plain(version === null ? name : `${name}@${version}`);
}

export function isFine({ standing }: ReportItem): boolean {
  return fine.has(standing);
}

/** The file of a request as a path within the project, with slashes; a file without a name was piped in. */
export function fileOf({ filename }: Pick<Report['requests'][number]['request'], 'filename'>): string {
  const parts = (filename ?? 'stdin').split(/[/\\]/).filter((part) => !['', '.', '..'].includes(part));
  return parts.length === 0 ? 'stdin' : parts.map(plain).join('/');
}

/** Files that could not be read, as they are shown. */
export function unreadOf({ unread = [] }: Report): UnreadFile[] {
  return unread.map(({ file, code, message }) => ({
    file: fileOf({ filename: file }),
    code: plain(code),
    message: plain(message),
  }));
}

/** All findings, the gravest first. */
export function findingsOf(report: Report): ReportFinding[] {
  const found = report.requests.flatMap(({ request, items }) => {
    const file = fileOf(request);
    return items.filter((item) => !isFine(item)).flatMap((item) => reasonsOf(item, file));
  });
  const rank = ({ isError, severity }: ReportFinding) => (isError ? 0 : 10) + severities.indexOf(severity);
  return found.toSorted((a, b) => rank(a) - rank(b));
}

/** The reasons of one item, those that a person accepted included; an item that needs attention has at least one. */
export function reasonsOf(item: ReportItem, file: string): ReportFinding[] {
  const isError = errors.has(item.standing);
  const of = (
    code: string,
    message: string,
    severity: Severity = 'medium',
    remedy: string | null = null,
  ) => ({
    item,
    file,
    code,
    message: plain(message),
    severity,
    remedy: remedy === null ? null : plain(remedy),
    isError,
  });
  const { unassessable, failure, decision, standing } = item;
  if (unassessable) return [of(unassessable.code, unassessable.message)];
  if (failure) return [of(failure.code, failure.detail, 'medium', remedyOf(failure.code))];
  const reasons = item.reasons
    .filter(({ outcome }) => outcome !== 'approve')
    .map(({ code, message, severity, remedy }) => of(code, message, severity, remedy ?? null));
  if (decision && decision.state !== 'approved')
    reasons.push(of(`decision.${decision.state}`, `by ${decision.by.name}: ${decision.reason}`));
  if (reasons.length > 0 || isFine(item)) return reasons;
  return [
    of(
      `standing.${standing}`,
      standing === 'open' ? 'Its assessment has not ended.' : 'It waits for a person.',
    ),
  ];
}

/** A newer service may know codes that this one does not. */
function remedyOf(code: string): string | null {
  return code in errorCodes ? errorCodes[code as ErrorCode].remedy : null;
}

/** Counts of items by standing, of all files. */
export function countsOf(report: Report): Map<ReportItem['standing'], number> {
  const counts = new Map<ReportItem['standing'], number>();
  for (const { items } of report.requests)
    for (const { standing } of items) counts.set(standing, (counts.get(standing) ?? 0) + 1);
  return counts;
}
