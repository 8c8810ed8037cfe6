import type { Report } from '@sluice/api';
import { escapeMarkdown } from './escape-markup.ts';
import { countsOf, findingsOf, nameOf, unreadOf } from './findings.ts';

/** A comment on a review has some 65,000 characters. */
const rowsMax = 200;

/** Markdown for a comment on a review: counts, and what needs attention, the gravest first. */
export function renderMarkdown(report: Report): string {
  const findings = findingsOf(report);
  const counts = [...countsOf(report)].map(([standing, count]) => `${count} ${standing}`).join(', ');
  const isWhole = report.requests.every(({ request }) => request.state === 'completed');
  const lines = ['## Sluice', '', counts === '' ? 'There was nothing to judge.' : `${counts}.`, ''];
  if (!isWhole) lines.push('**Not every item has ended: this is no final result.**', '');
  const unread = unreadOf(report);
  for (const { file, code, message } of unread.slice(0, rowsMax))
    lines.push(`- **Not read:** ${[file, `${code}  ${message}`].map(escapeMarkdown).join(': ')}`);
  if (unread.length > 0) lines.push('');
  if (findings.length > 0) {
    lines.push('| package | standing | reason | file |', '| --- | --- | --- | --- |');
    for (const { item, code, message, file } of findings.slice(0, rowsMax)) {
      const cells = [nameOf(item), item.standing, `${code}  ${message}`, file].map(escapeMarkdown);
      lines.push(`| ${cells.join(' | ')} |`);
    }
    const left = findings.length - rowsMax;
    if (left > 0) lines.push('', `${left} more are left out here.`);
  } else if (counts !== '' && isWhole && unread.length === 0) lines.push('Nothing needs attention.');
  return `${lines.join('\n')}\n`;
}
