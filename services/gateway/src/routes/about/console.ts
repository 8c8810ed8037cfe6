import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { acceptedCoding } from '../../http/accepted-coding.ts';

const mediaTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** First segments of the addresses that the console has pages at; the rest of an address is read by the page. */
export const consolePages = [
  'approvals',
  'audit',
  'batches',
  'dead-letters',
  'installs',
  'keys',
  'operations',
  'packages',
  'policy',
  'projects',
  'requests',
  'submit',
  'webhooks',
] as const;

/** The console's addresses beside its pages. */
const consoleFiles = /^\/(?:assets\/[\w.-]+|favicon\.svg)$/;
const pagePattern = new RegExp(`^/(?:${consolePages.join('|')})(?:/|$)`);

/** Whether an address is the console's: text that is the same for all readers, and that links may open. */
export function isConsolePath(address: string): boolean {
  return address === '/' || pagePattern.test(address) || consoleFiles.test(address);
}

/** Everything is the console's own: no request leaves for anywhere else, and no text of a package becomes code. */
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const compressions = { br: promisify(brotliCompress), gzip: promisify(gzip) };
type Coding = keyof typeof compressions;

interface File {
  type: string;
  body: Buffer;
  /** Made when they are first asked for. */
  compressed: Map<Coding, Promise<Buffer>>;
}

/** Serves the built console; without one, `/` leads to the API's page. */
export function consoleRoutes(app: OpenAPIHono): void {
  const files = readFiles(fileURLToPath(import.meta.resolve('@sluice/console/index.html')));
  const page = files.get('/index.html');
  if (!page) {
    app.get('/', (c) => c.redirect('/docs'));
    return;
  }
  // A new version has other names for its files, so that the page alone is asked for again.
  const showPage = (c: Context) =>
    answer(c, page, { 'cache-control': 'no-cache', 'content-security-policy': pagePolicy });
  for (const address of ['/', ...consolePages.flatMap((name) => [`/${name}`, `/${name}/*`])])
    app.get(address, showPage);
  for (const [address, file] of files) {
    if (file === page) continue;
    const isHashed = address.startsWith('/assets/');
    const age = isHashed ? 'public, max-age=31536000, immutable' : 'public, max-age=86400';
    app.get(address, (c) => answer(c, file, { 'cache-control': age }));
  }
}

/** All files of the build, by their address: half a megabyte. */
function readFiles(page: string): Map<string, File> {
  const folder = path.dirname(page);
  if (!existsSync(page)) return new Map();
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Map(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const file = path.join(entry.parentPath, entry.name);
        const type = mediaTypes[path.extname(file)] ?? 'application/octet-stream';
        const address = `/${path.relative(folder, file).split(path.sep).join('/')}`;
        return [address, { type, body: readFileSync(file), compressed: new Map() }];
      }),
  );
}

async function answer(c: Context, file: File, headers: Record<string, string>): Promise<Response> {
  const coding = acceptedCoding(c.req.header('accept-encoding') ?? '', ['br', 'gzip']);
  const body = coding ? await compressedBody(file, coding) : file.body;
  return c.body(new Uint8Array(body), 200, {
    ...headers,
    'content-type': file.type,
    vary: 'accept-encoding',
    ...(coding ? { 'content-encoding': coding } : {}),
  });
}

function compressedBody({ body, compressed }: File, coding: Coding): Promise<Buffer> {
  const known = compressed.get(coding);
  if (known) return known;
  const made = compressions[coding](body);
  compressed.set(coding, made);
  return made;
}
