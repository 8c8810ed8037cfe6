import { readFileSync } from 'node:fs';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { PermanentError, errorCodes, type ErrorCode } from '@sluice/contracts';
import { escapeHtml } from '../../http/escape-html.ts';
import { problemPath } from '../../http/problem.ts';

const runbook = new URL('../../../../../docs/runbook.md', import.meta.url);

/** Serves `/problems/{code}`, the `type` of a problem: the runbook's section on the code. */
export function problemPages(app: OpenAPIHono): void {
  const sections = readSections(readFileSync(runbook, 'utf8'));
  app.get(problemPath(':code'), (c) => {
    const code = c.req.param('code');
    const section = sections.get(code);
    if (section === undefined) throw new PermanentError('route.not-found', `"${code}" is no error code.`);
    return c.html(page(code as ErrorCode, section));
  });
}

/** The text below the heading of each code. */
function readSections(text: string): Map<string, string> {
  const [, codes = ''] = text.split('<!-- codes:start -->');
  const sections = codes.split('<!-- codes:end -->')[0]!.split(/^### /m).slice(1);
  return new Map(
    sections.map((section) => {
      const [, code = '', body = ''] = /^`(.+?)`\n\n_.*?_\n\n(.*)$/s.exec(section) ?? [];
      return [code, body.trim()];
    }),
  );
}

function page(code: ErrorCode, section: string): string {
  const { status, title, remedy } = errorCodes[code];
  const points = section.split(/^- /m).slice(1);
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>${code}</title>
  </head>
  <body>
    <h1><code>${code}</code></h1>
    <p>${status}. ${inline(`${title} ${remedy}`)}</p>
    <ul>
${points.map((point) => `      <li>${inline(point)}</li>`).join('\n')}
    </ul>
  </body>
</html>
`;
}

/** The Markdown that the sections use. Links lead to files beside the runbook, which are not served: their text stays. */
function inline(markdown: string): string {
  return escapeHtml(markdown.trim())
    .replaceAll(/\*\*(.+?)\*\*/gs, '<strong>$1</strong>')
    .replaceAll(/`(.+?)`/gs, '<code>$1</code>')
    .replaceAll(/\[(.+?)\]\(.+?\)/gs, '$1');
}
