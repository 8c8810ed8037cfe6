import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { acceptedCoding } from '../../http/accepted-coding.ts';

/** 4.4 MB, of which 1.3 go over the wire. */
const script = new URL('../../../vendor/scalar/standalone.js.gz', import.meta.url);

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>Sluice API</title>
  </head>
  <body>
    <div id="api"></div>
    <script src="/docs/scalar.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

/** A file of its own: the page's policy lets no script run that stands in the page. */
const startScript = `const key = new URLSearchParams(location.hash.slice(1)).get('k');
if (key) history.replaceState(null, '', location.pathname);
Scalar.createApiReference('#api', {
  url: '/openapi.json',
  authentication: { preferredSecurityScheme: 'key', securitySchemes: { key: { token: key ?? '' } } },
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  showDeveloperTools: 'never',
  agent: { disabled: true },
  mcp: { disabled: true },
});
`;

/** Scalar sets styles at runtime and draws with data URLs; scripts and requests are the page's own. */
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** `/openapi.json` and a page that shows it, both without any network. */
export function documentation(app: OpenAPIHono): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'key', {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key, or the key of this machine’s user.',
  });
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'Sluice',
      version: '1',
      description:
        'The gate for third-party packages. Submit a lockfile, follow what becomes of every package version in it, and ' +
        'decide what policy leaves to people. Errors are RFC 9457 problems with stable codes. Each operation names the ' +
        'right that it needs as `x-right`; a key, shown as a bearer token, has roles, and roles have rights.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    // The address by which a client found this document is the one that works for it, also behind a proxy.
    servers: [{ url: '/', description: 'The gateway that serves this document.' }],
    security: [{ key: [] }],
    tags: [
      { name: 'requests', description: 'Submitted lockfiles, and what becomes of every item in them.' },
      { name: 'batches', description: 'Several files that were submitted at once.' },
      { name: 'projects', description: 'Git repositories, and the refreshes that read them.' },
      { name: 'jobs', description: 'Requests, batches and replays in one form.' },
      { name: 'access', description: 'Who may do what: keys, and who one is.' },
      { name: 'packages', description: 'Package versions: evidence, verdicts, and the decisions of people.' },
      { name: 'webhooks', description: 'Who is told what happens, and the deliveries.' },
      {
        name: 'operations',
        description: 'What operators see and do: queues, workers, dead letters, replays, controls, health.',
      },
    ],
  });
  app.get('/docs', (c) => c.html(page, 200, { 'content-security-policy': pagePolicy }));
  app.get('/docs/start.js', (c) =>
    c.body(startScript, 200, { 'content-type': 'text/javascript; charset=utf-8' }),
  );
  app.get('/docs/scalar.js', (c) => {
    const compressed = createReadStream(script);
    const isAsItIs = acceptedCoding(c.req.header('accept-encoding') ?? '', ['gzip']) !== null;
    const file = isAsItIs ? compressed : compressed.pipe(createGunzip());
    return c.body(Readable.toWeb(file) as ReadableStream, 200, {
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=86400',
      vary: 'accept-encoding',
      ...(isAsItIs ? { 'content-encoding': 'gzip' } : {}),
    });
  });
}
