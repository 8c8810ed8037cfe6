import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { names } from '@sluice/ecosystems/names';
import { createEgress, type Egress } from '@sluice/egress';
import { testPostgres, zipOf } from '@sluice/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { importAdvisoriesFrom } from '../import-advisories-from.ts';
import { scannerMigrations } from '../migrations.ts';
import { matchAdvisories } from './match-advisories.ts';
import { refreshAdvisories } from './refresh-advisories.ts';

const npm = names.find(({ type }) => type === 'npm')!;
const db = await testPostgres(scannerMigrations);
const sql = db.connect('scanner');
const { signal } = new AbortController();
let folder: string;
let url: string;
let egress: Egress;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const requests: IncomingMessage[] = [];
const server = createServer((request, response) => {
  requests.push(request);
  answer(request, response);
});

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-refresh-'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/npm/all.zip`;
  egress = createEgress({ allowHosts: [], trustedOrigins: [url] });
});
afterAll(async () => {
  await egress.close();
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  await sql`truncate advisories, advisory_sets, advisory_refreshes, outbox, outbox_waiting`;
  requests.length = 0;
});

const zip = (fixed: string) =>
  zipOf(
    Object.fromEntries(
      Array.from({ length: 50 }, (_, i) => [
        `X-${i}.json`,
        JSON.stringify({
          id: `X-${i}`,
          modified: '',
          affected: [
            {
              package: { ecosystem: 'npm', name: `p${i}` },
              ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed }] }],
            },
          ],
        }),
      ]),
    ),
  );

const refresh = (intervalMs = 0) =>
  refreshAdvisories({
    sql,
    egress,
    ecosystem: 'npm',
    names: npm,
    url,
    file: path.join(folder, 'npm.zip'),
    intervalMs,
    signal,
  });
const isKnown = async () => (await matchAdvisories(sql, npm, 'p7', '1.0.0')).matches.length === 1;
const facts = async () =>
  (
    await sql<{ payload: string }[]>`
      select payload from outbox where subject = 'advisories.imported' order by position`
  ).map(({ payload }) => JSON.parse(payload).data.result as string);

/** Serves a file as a static server does: with an ETag, conditions and ranges. */
function serve(bytes: Buffer, etag: string): typeof answer {
  return (request, response) => {
    if (request.headers['if-none-match'] === etag) return void response.writeHead(304).end();
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const isPart = start > 0 && request.headers['if-range'] === etag;
    const body = isPart ? bytes.subarray(start) : bytes;
    const range = { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` };
    response.writeHead(isPart ? 206 : 200, { etag, 'content-length': body.length, ...(isPart ? range : {}) });
    response.end(body);
  };
}

/** Sends half of what it should, then breaks off. */
function breakOff(bytes: Buffer, etag: string): typeof answer {
  return (_, response) => {
    response.writeHead(200, { etag, 'content-length': bytes.length });
    response.write(bytes.subarray(0, bytes.length / 2), () => response.socket!.end());
  };
}

test('an export that did not change is neither downloaded nor imported again', async () => {
  answer = serve(zip('2.0.0'), '"1"');
  expect(await refresh()).toMatchObject({ result: 'imported', failures: 0 });
  expect(await isKnown()).toBe(true);
  expect(await refresh()).toMatchObject({ result: 'unchanged' });
  expect(requests[1]!.headers['if-none-match']).toBe('"1"');
  // The server has a new file with the same records.
  answer = serve(zip('2.0.0'), '"2"');
  expect(await refresh()).toMatchObject({ result: 'unchanged' });
  expect(await facts()).toEqual(['imported', 'unchanged', 'unchanged']);
});

test('a download that breaks off goes on where it was', async () => {
  const bytes = zip('2.0.0');
  const [first, then] = [breakOff(bytes, '"1"'), serve(bytes, '"1"')];
  answer = (request, response) => (requests.length === 1 ? first : then)(request, response);
  expect(await refresh()).toMatchObject({ result: 'imported' });
  expect(await isKnown()).toBe(true);
  expect(requests.length).toBe(2);
  expect(requests[1]!.headers.range).toMatch(/^bytes=[1-9]\d*-$/);
});

test('halves of two different files are not joined', async () => {
  const [first, then] = [breakOff(zip('2.0.0'), '"1"'), serve(zip('0.5.0'), '"2"')];
  answer = (request, response) => (requests.length === 1 ? first : then)(request, response);
  expect(await refresh()).toMatchObject({ result: 'imported' });
  expect(await isKnown()).toBe(false);
});

test('a failure keeps the set, is recorded and counted, and ends', async () => {
  answer = serve(zip('2.0.0'), '"1"');
  await refresh();
  answer = (_, response) => void response.writeHead(503).end();
  expect(await refresh()).toMatchObject({ result: 'failed', failures: 1 });
  answer = (_, response) => void response.writeHead(200, { etag: '"9"' }).end('<html>');
  expect(await refresh()).toMatchObject({ result: 'failed', failures: 2 });
  expect(await isKnown()).toBe(true);
  answer = serve(zip('2.0.0'), '"1"');
  expect(await refresh()).toMatchObject({ result: 'unchanged', failures: 0 });
  expect(await facts()).toEqual(['imported', 'failed', 'failed', 'unchanged']);
});

test('of two replicas one refreshes, and a set that was checked lately is left alone', async () => {
  answer = serve(zip('2.0.0'), '"1"');
  const results = (await Promise.all([refresh(60_000), refresh(60_000)])).map(({ result }) => result);
  expect(results.toSorted()).toEqual(['fresh', 'imported']);
  expect(await refresh(60_000)).toMatchObject({ result: 'fresh' });
  expect(requests.length).toBe(1);
});

test('by hand, from a URL and from a file', async () => {
  answer = serve(zip('2.0.0'), '"1"');
  const progress: number[] = [];
  const [first] = await importAdvisoriesFrom(db.url, url, { ecosystem: 'npm' }, (read) =>
    progress.push(read),
  );
  expect(first).toMatchObject({ ecosystem: 'npm', result: 'imported', recordCount: 50 });
  expect(progress).toEqual([50]);
  const file = path.join(folder, 'export.zip');
  await writeFile(file, zip('2.0.0'));
  expect(await importAdvisoriesFrom(db.url, file)).toMatchObject([{ result: 'unchanged' }]);
  await expect(importAdvisoriesFrom(db.url, path.join(folder, 'absent.zip'))).rejects.toMatchObject({
    code: 'advisories.invalid',
  });
});
