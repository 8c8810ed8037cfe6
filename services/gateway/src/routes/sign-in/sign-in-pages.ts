import { readFileSync } from 'node:fs';
import type { OpenAPIHono } from '@hono/zod-openapi';

/** One script for all of these pages. */
const script = readFileSync(new URL('../../../pages/page.js', import.meta.url), 'utf8');

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

/** Titles of the pages, which the script fills by their address. */
const titles = {
  '/signed-in': 'Signed in',
  '/setup': 'Become admin',
  '/device': 'Sign in a command line',
} as const;

/** Pages for who signs in, beside the console and without it. They hold nothing themselves: the script asks the API. */
export function signInPages(app: OpenAPIHono): void {
  for (const [path, title] of Object.entries(titles))
    app.get(path, (c) => c.html(page(title), 200, { 'content-security-policy': policy }));
  app.get('/pages/page.js', (c) =>
    c.body(script, 200, { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'no-cache' }),
  );
}

function page(title: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>Sluice: ${title}</title>
  </head>
  <body>
    <h1>${title}</h1>
    <main id="main"></main>
    <script src="/pages/page.js"></script>
  </body>
</html>
`;
}
