import type { Report, ReportItem } from '@sluice/api';
import { escapeMarkup } from './escape-markup.ts';
import { countsOf, fileOf, isFine, nameOf, reasonsOf, unreadOf } from './findings.ts';

/** Styles are the only thing that the page needs; nothing in it runs or is fetched. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const style = `body{font:14px/1.5 system-ui,sans-serif;margin:2rem;max-width:75rem}table{border-collapse:collapse;width:100%}
th,td{border-bottom:1px solid #ccc;padding:.3rem .6rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
code{font-family:ui-monospace,monospace}.rejected,.failed{color:#a00}.review,.foreign,.open{color:#850}`;

/** One page with everything in it, for people; it works without a network. */
export function renderHtml(report: Report): string {
  const counts = [...countsOf(report)].map(([standing, count]) => `${count} ${standing}`).join(', ');
  const sections = report.requests.map(({ request, items }) => {
    const rows = items
      .toSorted((a, b) => Number(isFine(a)) - Number(isFine(b)))
      .map((item) => rowOf(item, fileOf(request)));
    return `<h2>${escapeMarkup(fileOf(request))}</h2>
<p>Request <code>${escapeMarkup(request.id)}</code>, ${escapeMarkup(request.state)}, scope ${escapeMarkup(request.scope)}, submitted ${escapeMarkup(request.submittedAt)}.</p>
<table><thead><tr><th>package</th><th>standing</th><th>reasons</th><th>license</th><th>advisories</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table>`;
  });
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width"><title>Sluice report</title><style>${style}</style></head>
<body><h1>Sluice report</h1>
<p>${escapeMarkup(counts === '' ? 'There was nothing to judge' : counts)}. Made ${escapeMarkup(report.generatedAt)}.</p>
${unreadSection(report)}${sections.join('\n')}
</body></html>
`;
}

function unreadSection(report: Report): string {
  const lines = unreadOf(report).map(
    ({ file, code, message }) =>
      `<li class="failed">${escapeMarkup(file)}: <code>${escapeMarkup(code)}</code> ${escapeMarkup(message)}</li>\n`,
  );
  return lines.length === 0 ? '' : `<h2>Files that could not be read</h2>\n<ul>\n${lines.join('')}</ul>\n`;
}

function rowOf(item: ReportItem, file: string): string {
  const reasons = reasonsOf(item, file);
  const shown = reasons.map(
    ({ code, message }) => `<code>${escapeMarkup(code)}</code> ${escapeMarkup(message)}`,
  );
  const license = item.license?.expression ?? item.license?.declared ?? '';
  const advisories = item.advisories.map(({ id }) => escapeMarkup(id)).join(' ');
  return `<tr><td><code>${escapeMarkup(nameOf(item))}</code></td><td class="${item.standing}">${item.standing}</td><td>${shown.join('<br>')}</td><td>${escapeMarkup(license)}</td><td>${advisories}</td></tr>`;
}
