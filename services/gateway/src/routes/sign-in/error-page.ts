import { errorCodeOf, errorCodes, isCoded } from '@sluice/contracts';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { escapeHtml } from '../../http/escape-html.ts';

/** Answers a browser with a page where a program would get a problem; anything without a code goes on to the app. */
export async function withErrorPage(c: Context, work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    if (!isCoded(error) || !(c.req.header('accept') ?? '').includes('text/html')) throw error;
    const { status, title, remedy } = errorCodes[errorCodeOf(error)];
    return c.html(page(error.code, title, (error as Error).message, remedy), status as ContentfulStatusCode);
  }
}

function page(code: string, title: string, detail: string, remedy: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>${escapeHtml(title)}</title>
  </head>
  <body>
    <h1>${escapeHtml(title)}</h1>
    <p>${escapeHtml(detail)}</p>
    <p>${escapeHtml(remedy)}</p>
    <p><a href="/problems/${escapeHtml(code)}"><code>${escapeHtml(code)}</code></a> · <a href="/sign-in">Sign in</a></p>
  </body>
</html>
`;
}
