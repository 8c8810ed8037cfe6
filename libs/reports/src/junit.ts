import type { Report, ReportItem, UnreadFile } from '@sluice/api';
import { escapeMarkup } from './escape-markup.ts';
import { fileOf, isFine, nameOf, reasonsOf, unreadOf } from './findings.ts';

/**
 * JUnit XML: a suite for each file, a case for each item. Rejected and waiting items are failures; failed ones are errors, and so are files that could not be read; parts of the
 * project and packages for other platforms are skipped.
 */
export function renderJunit(report: Report): string {
  const suites = report.requests.map(({ request, items }) => {
    const file = fileOf(request);
    const count = (is: (item: ReportItem) => boolean) => items.filter(is).length;
    const counts = `tests="${items.length}" failures="${count((item) => !isFine(item) && item.standing !== 'failed')}" errors="${count(({ standing }) => standing === 'failed')}" skipped="${count(isSkipped)}"`;
    // The schema has no fractions of a second and no zone; the time is in UTC.
    const at = request.submittedAt.slice(0, 19);
    const cases = items.map((item) => caseOf(item, file));
    return `  <testsuite name="${escapeMarkup(file)}" ${counts} timestamp="${escapeMarkup(at)}">\n${cases.join('')}  </testsuite>\n`;
  });
  const at = report.generatedAt.slice(0, 19);
  const unread = unreadOf(report).map((one) => unreadSuite(one, at));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="sluice">\n${[...suites, ...unread].join('')}</testsuites>\n`;
}

function unreadSuite({ file, code, message }: UnreadFile, at: string): string {
  const [name, type, text] = [file, code, message].map(escapeMarkup);
  return `  <testsuite name="${name}" tests="1" failures="0" errors="1" skipped="0" timestamp="${escapeMarkup(at)}">
    <testcase classname="${name}" name="${name}"><error type="${type}" message="unread">${text}</error></testcase>
  </testsuite>\n`;
}

const isSkipped = ({ standing }: ReportItem) => standing === 'own' || standing === 'other-platform';

function caseOf(item: ReportItem, file: string): string {
  const open = `    <testcase classname="${escapeMarkup(file)}" name="${escapeMarkup(nameOf(item))}"`;
  if (isSkipped(item)) return `${open}><skipped/></testcase>\n`;
  if (isFine(item)) return `${open}/>\n`;
  const reasons = reasonsOf(item, file);
  const element = item.standing === 'failed' ? 'error' : 'failure';
  const text = reasons.map(({ code, message }) => escapeMarkup(`${code}  ${message}`)).join('\n');
  return `${open}><${element} type="${escapeMarkup(reasons[0]!.code)}" message="${escapeMarkup(item.standing)}">${text}</${element}></testcase>\n`;
}
