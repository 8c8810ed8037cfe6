import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { aDecision, anItem, aPackage, aPage, aReason, aRequest, at, requestId } from '../test/answers.ts';
import { runCommand } from './run-command.ts';

const id = requestId;
const request = aRequest();
const item = anItem();
const accepted = { id, itemCount: 1, entryCount: 1, repeated: false };
const problem = (status: number, code: string) => ({
  status,
  code,
  detail: 'this is why',
  remedy: 'do that',
});

type Answer = [status: number, body: unknown];
/** The gateway as a command sees it: answers by method and path. */
let answers: Record<string, Answer>;
const asked: string[] = [];
let server: Server;
let url: string;
let folder: string;
let lockfile: string;

beforeAll(async () => {
  server = createServer((message: IncomingMessage, response) => {
    const key = `${message.method} ${message.url!.split('?')[0]}`;
    asked.push(`${message.method} ${message.url}`);
    const [status, body] = answers[key] ?? [404, problem(404, 'route.not-found')];
    message
      .resume()
      .on('end', () =>
        response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body)),
      );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-cli-'));
  lockfile = path.join(folder, 'package-lock.json');
  await writeFile(lockfile, '{"lockfileVersion":3,"packages":{}}');
});
beforeEach(() => {
  asked.length = 0;
  answers = {
    'POST /v1/requests': [202, accepted],
    [`GET /v1/requests/${id}`]: [200, request],
    [`GET /v1/requests/${id}/items`]: [200, aPage(item)],
  };
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

/** Runs a command in this process; a process of its own would only cost time. */
async function sluice(...args: string[]) {
  let [stdout, stderr] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((stdout += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((stderr += String(text)), true));
  try {
    const code = await runCommand(args);
    return { code, stdout, stderr };
  } finally {
    vi.restoreAllMocks();
    process.exitCode = undefined;
  }
}
const vet = (...args: string[]) => sluice('vet', lockfile, '--server', url, ...args);

describe('exit code', () => {
  it('0: everything is approved', async () => {
    const { code, stdout } = await vet(
      '--requester',
      'mira',
      '--label',
      'team=a',
      '--label',
      'b=c',
      '--lane',
      'bulk',
    );
    expect(code).toBe(0);
    expect(stdout).toContain('1 approved by policy');
    expect(asked[0]).toBe(
      'POST /v1/requests?filename=package-lock.json&requester=mira&lane=bulk&label=team%3Da&label=b%3Dc',
    );
  });

  it('0: everything is approved for the platforms that were named, and what was left out is said', async () => {
    const left = anItem({
      name: 'darwin',
      purl: null,
      outcome: 'unassessable',
      decision: null,
      unassessable: { code: 'source.platform', message: 'm' },
      platforms: { os: ['darwin'], cpu: ['arm64'], libc: [] },
    });
    answers[`GET /v1/requests/${id}`] = [200, aRequest({ platforms: ['aix-ppc64', 'linux-x64'] })];
    answers[`GET /v1/requests/${id}/items`] = [200, aPage(anItem(), left)];
    const { code, stdout } = await vet('--platform', 'linux-x64', '--platform', 'aix-ppc64');
    expect(code).toBe(0);
    expect(asked[0]).toMatch(/&platform=linux-x64&platform=aix-ppc64$/);
    expect(stdout).toContain(
      'For aix-ppc64, linux-x64 only: 1 package version for other platforms was left out, not judged: darwin-arm64.\n',
    );
  });

  it('0: for this machine, and for all platforms', async () => {
    expect((await vet('--platform', 'current')).code).toBe(0);
    expect(asked[0]).toContain(`&platform=${process.platform}-${process.arch}`);
    expect((await vet('--platform', 'all')).code).toBe(0);
    expect(asked.some((one) => one.includes('platform=all'))).toBe(true);
  });

  it('0: an answer that was asked for as JSON is JSON', async () => {
    const { code, stdout } = await vet('--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ request: { id }, items: [{ purl: item.purl }] });
  });

  it('0: help', async () => {
    expect((await sluice('--help')).code).toBe(0);
  });

  it.each<[string, Parameters<typeof anItem>[0]]>([
    ['waits for a review', { outcome: 'review', reasons: [aReason('license.unknown', 'review')] }],
    ['is rejected', { outcome: 'reject', reasons: [aReason('malware.known', 'reject')] }],
    [
      'could not be assessed',
      {
        outcome: 'failed',
        failure: { stage: 'license', code: 'registry.version-not-found', detail: 'gone' },
      },
    ],
  ])('1: something %s', async (_, fields) => {
    answers[`GET /v1/requests/${id}/items`] = [200, aPage(anItem(fields))];
    const { code, stdout } = await vet();
    expect(code).toBe(1);
    expect(stdout).toContain('a@1.0.0');
  });

  it('1: a request that could not be taken in, though it has no items', async () => {
    const failure = { code: 'request.list-unreadable', detail: 'It is gone.', remedy: 'Bring it back.' };
    answers[`GET /v1/requests/${id}`] = [200, aRequest({ state: 'failed', counts: { failed: 1 }, failure })];
    answers[`GET /v1/requests/${id}/items`] = [200, aPage()];
    const { code, stdout } = await vet();
    expect(code).toBe(1);
    expect(stdout).toContain('The request failed: It is gone. (request.list-unreadable)\nBring it back.');
  });

  it.each([
    ['an unknown command', ['frobnicate']],
    ['an unknown option', ['vet', 'x', '--fast']],
    ['an argument that is missing', ['vet']],
    ['a reason that is missing', ['approve', 'pkg:npm/a@1.0.0']],
    ['a file that is not there', ['vet', 'no-such-file.json', '--server', 'http://127.0.0.1:1']],
    ['a time that is none', ['vet', 'x', '--timeout', 'soon']],
    ['a lane that is none', ['vet', 'x', '--lane', 'express']],
    ['a platform that is none', ['vet', 'x', '--platform', 'windows']],
  ])('2: %s', async (_, args) => {
    const { code, stderr, stdout } = await sluice(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/./);
    expect([stdout, stderr].join('')).not.toContain('    at ');
  });

  it('2: the server refuses the input, and says why and what to do', async () => {
    answers['POST /v1/requests'] = [422, problem(422, 'lockfile.unknown-format')];
    const { code, stderr } = await vet();
    expect(code).toBe(2);
    expect(stderr).toContain('this is why (lockfile.unknown-format)');
    expect(stderr).toContain('do that');
  });

  it('3: no result in the given time', async () => {
    answers[`GET /v1/requests/${id}`] = [200, aRequest({ state: 'open', completedAt: null, endedItems: 0 })];
    const { code, stderr } = await vet('--timeout', '0.05');
    expect(code).toBe(3);
    expect(stderr).toContain(`status ${id}`);
  });

  it('4: the server cannot be reached', async () => {
    const { code, stderr } = await sluice('vet', lockfile, '--server', 'http://127.0.0.1:1');
    expect(code).toBe(4);
    expect(stderr).toContain('cannot be reached');
  });

  it.each<[string, Answer]>([
    ['failed', [500, problem(500, 'internal')]],
    ['is not there behind its proxy', [502, '<html>Bad gateway</html>']],
  ])('4: the server %s', async (_, answer) => {
    answers['POST /v1/requests'] = answer;
    const { code, stderr } = await vet();
    expect(code).toBe(4);
    expect(stderr).not.toContain('    at ');
  });

  it.each<[string, Answer, string]>([
    ['is no gateway', [200, '<html>Welcome</html>'], 'did not answer as Sluice does'],
    ['is a gateway of another version', [202, { ...accepted, id: undefined }], '→ at id'],
  ])('4: what answers %s', async (_, answer, why) => {
    answers['POST /v1/requests'] = answer;
    const { code, stderr } = await vet();
    expect(code).toBe(4);
    expect(stderr).toContain(why);
    expect(stderr).not.toContain('    at ');
  });
});

describe('a report', () => {
  const report = () => ({
    generatedAt: at,
    generator: { name: 'sluice', version: '0.1.0' },
    requests: [
      {
        request: aRequest(),
        items: [
          {
            ...anItem({ outcome: 'review', reasons: [aReason('license.unknown', 'review')] }),
            standing: 'review',
            license: null,
            files: [],
            advisories: [],
          },
        ],
      },
    ],
    advisories: [],
  });
  beforeEach(() => {
    answers[`GET /v1/requests/${id}/report`] = [200, report()];
    answers[`GET /v1/requests/${id}/items`] = [200, aPage(anItem({ outcome: 'review' }))];
  });

  it('is all that stands on stdout, with the line of the entry; the exit code is that of the result', async () => {
    await writeFile(lockfile, '{"lockfileVersion":3,"packages":{\n"node_modules/a":{"version":"1.0.0"}}}');
    const { code, stdout } = await vet('--format', 'sarif');
    expect(code).toBe(1);
    const { runs } = JSON.parse(stdout) as { runs: { results: { locations: object[] }[] }[] };
    expect(runs[0]!.results[0]!.locations[0]).toMatchObject({
      physicalLocation: { artifactLocation: { uri: 'package-lock.json' }, region: { startLine: 2 } },
    });
  });

  it('goes to a file beside the table', async () => {
    const output = path.join(folder, 'report.md');
    const { code, stdout } = await vet('--format', 'markdown', '--output', output);
    expect(code).toBe(1);
    expect(stdout).toContain('1 to review');
    expect(await readFile(output, 'utf8')).toMatch(/^## Sluice/);
  });

  it('2: of a format that there is not, without one, or to a file that cannot be written', async () => {
    expect((await vet('--format', 'pdf')).code).toBe(2);
    expect((await vet('--output', 'x')).code).toBe(2);
    expect((await vet('--format', 'csv', '--json')).code).toBe(2);
    expect((await vet('--format', 'csv', '--output', path.join(folder, 'no', 'such'))).code).toBe(2);
  });

  it('a format that only files have says how the file is read', async () => {
    await vet('--format', 'yarn-lock');
    await vet('--input-format', 'spdx');
    expect(
      asked.filter((one) => one.startsWith('POST')).map((one) => /format=([^&]*)$/.exec(one)?.[1]),
    ).toEqual(['yarn-lock', 'spdx']);
  });
});

describe('a folder', () => {
  const results = (text: string) =>
    (JSON.parse(text) as { results: { path: string; error?: { code: string } }[] }).results;
  let project: string;
  beforeAll(async () => {
    project = await mkdtemp(path.join(folder, 'project-'));
    for (const name of ['a', 'b']) {
      await mkdir(path.join(project, name));
      await writeFile(path.join(project, name, 'package-lock.json'), '{"lockfileVersion":3,"packages":{}}');
    }
  });
  const vetFolder = (...args: string[]) => sluice('vet', project, '--server', url, ...args);

  it('0: everything in each lockfile is approved', async () => {
    const { code, stdout } = await vetFolder();
    expect(code).toBe(0);
    expect(stdout).toContain('2 lockfiles: 2 fine, 0 need attention.');
    expect(asked.filter((one) => one.startsWith('POST'))).toEqual([
      expect.stringContaining('filename=a%2Fpackage-lock.json'),
      expect.stringContaining('filename=b%2Fpackage-lock.json'),
    ]);
  });

  it('1: something in one of them is to review', async () => {
    answers[`GET /v1/requests/${id}/items`] = [200, aPage(anItem({ outcome: 'review' }))];
    const { code, stdout } = await vetFolder('--json');
    expect(code).toBe(1);
    expect(results(stdout).map((one) => path.relative(project, one.path))).toEqual([
      'a/package-lock.json',
      'b/package-lock.json',
    ]);
  });

  it('2: one of them cannot be read, and the other is vetted all the same', async () => {
    await writeFile(
      path.join(project, 'b', 'package.json'),
      '{"dependencies":{"x":"git+https://git.example/x"}}',
    );
    const { code, stdout } = await vetFolder();
    expect(code).toBe(2);
    expect(stdout).toContain('1 approved by policy');
    expect(stdout).toContain('Not vetted: package.json asks for x');
    expect(stdout).toContain('2 lockfiles: 1 fine, 1 needs attention.');
    expect(results((await vetFolder('--json')).stdout)[1]).toMatchObject({
      error: { code: 'command.failed' },
    });
    await rm(path.join(project, 'b', 'package.json'));
  });

  it('3: one of them has no result in time', async () => {
    answers[`GET /v1/requests/${id}`] = [200, aRequest({ state: 'open', completedAt: null, endedItems: 0 })];
    expect((await vetFolder('--timeout', '0.05')).code).toBe(3);
  });

  it('4: the server fails, which ends it', async () => {
    answers['POST /v1/requests'] = [500, problem(500, 'internal')];
    expect((await vetFolder()).code).toBe(4);
  });
});

it('reads every page of the items', async () => {
  const address = `GET /v1/requests/${id}/items`;
  answers[address] = [200, aPage(item, item, item)];
  const { stdout } = await vet('--json');
  expect((JSON.parse(stdout) as { items: unknown[] }).items).toHaveLength(3);
  expect(asked.filter((one) => one.startsWith(address))).toEqual([`${address}?limit=500`]);
});

describe('JSON', () => {
  const json = (text: string) => JSON.parse(text) as unknown;
  const queues = { deadLetters: { dlq: 0, parked: 0 }, bulk: null, circuits: [], controls: [] };
  const letter = {
    sequence: 7,
    kind: 'dlq',
    service: 'scanner',
    consumer: 'scanner-bulk',
    subject: 'pkg.downloaded.bulk',
    eventId: 'e',
    code: 'internal',
    error: 'm',
    worker: 'w',
    deliveries: 5,
    attempts: 5,
    failedAt: at,
    stack: '',
    headers: {},
    payload: '{}',
  };
  const decided = { purl: item.purl, scope: 'default', assessmentId: id, decision: aDecision() };

  it.each([
    [['status'], 'GET /v1/requests', aPage()],
    [['review'], 'GET /v1/packages', aPage()],
    [['show', 'a@1.0.0'], 'GET /v1/packages/pkg%3Anpm%2Fa%401.0.0', aPackage()],
    [['queue'], 'GET /v1/queues', { ...aPage(), ...queues }],
    [['workers'], 'GET /v1/workers', aPage()],
    [['controls'], 'GET /v1/controls', aPage()],
    [['replays'], 'GET /v1/replays', aPage()],
    [['dead-letters', 'list'], 'GET /v1/dead-letters', aPage()],
    [['dead-letters', 'show', '7'], 'GET /v1/dead-letters/7', letter],
    [['retry', '--all', '--reason', 'x'], 'POST /v1/retries', { packages: 1, items: 1, requests: 1 }],
    [
      ['cancel', id, '--reason', 'x'],
      `POST /v1/requests/${id}/cancel`,
      { requestId: id, items: 1, assessments: 1 },
    ],
    [
      ['lane', id, 'bulk', '--reason', 'x'],
      `POST /v1/requests/${id}/lane`,
      { requestId: id, lane: 'bulk', assessments: 1 },
    ],
    [
      ['pause', 'host', 'a.example', '--reason', 'x'],
      'POST /v1/hosts/a.example/pause',
      { changed: true, control: null },
    ],
    [['dead-letters', 'discard', '--reason', 'x'], 'POST /v1/dead-letters/discard', { done: [1], gone: [] }],
    [
      ['replay', '--stage', 'scan', '--dry-run', '--reason', 'x'],
      'POST /v1/replays',
      { id: null, packages: 2, running: 0, repeated: false },
    ],
    [['approve', 'a@1.0.0', '--reason', 'x'], 'POST /v1/packages/pkg%3Anpm%2Fa%401.0.0/approve', decided],
  ])('of %j is one object, what the API answers', async (args, address, answer) => {
    answers[address] = [200, answer];
    const { code, stdout } = await sluice(...args, '--json', '--server', url);
    expect(code).toBe(0);
    const { nextCursor: _, ...shown } = answer as { nextCursor?: null };
    expect(json(stdout)).toMatchObject(shown);
  });

  it.each<[string, string[], object]>([
    [
      'the server refuses',
      ['show', 'a@1.0.0'],
      { code: 'package.not-found', message: 'this is why', remedy: 'do that' },
    ],
    ['an argument is wrong', ['cancel', 'x', '--reason', 'x'], { code: 'command.wrong' }],
    ['a lockfile is none', ['vet', 'no-such-file.json'], { remedy: 'Give the path of a lockfile.' }],
  ])('is one object also when %s', async (_, args, error) => {
    answers['GET /v1/packages/pkg%3Anpm%2Fa%401.0.0'] = [404, problem(404, 'package.not-found')];
    const { code, stdout, stderr } = await sluice(...args, '--json', '--server', url);
    expect(code).toBe(2);
    expect(json(stdout)).toMatchObject({ error });
    expect(stderr).toMatch(/./);
  });
});

it('an approval that holds already is no fault', async () => {
  const address = '/v1/packages/pkg%3Anpm%2Fa%401.0.0';
  answers[`POST ${address}/approve`] = [409, problem(409, 'decision.unchanged')];
  const decision = aDecision({ by: { kind: 'person', name: 'mira' } });
  answers[`GET ${address}`] = [200, aPackage({ decision })];
  const { code, stdout } = await sluice('approve', 'a@1.0.0', '--reason', 'x', '--server', url);
  expect(code).toBe(0);
  expect(stdout).toBe('Already: pkg:npm/a@1.0.0 is approved by mira.\n');
});

it('says which dead letters are not there', async () => {
  answers['POST /v1/dead-letters/redrive'] = [200, { done: [4], gone: [5] }];
  const { code, stdout } = await sluice(
    'dead-letters',
    'redrive',
    '4',
    '5',
    '--reason',
    'x',
    '--server',
    url,
  );
  expect(code).toBe(2);
  expect(stdout).toBe('Redriven: 1. Not there: #5.\n');
});

it('lists requests with their file, time and outcomes', async () => {
  const counts = { approve: 7, review: 2, failed: 1 };
  const forSome = aRequest({ platforms: ['darwin-arm64', 'linux-x64'] });
  answers['GET /v1/requests'] = [200, aPage(aRequest({ itemCount: 10, endedItems: 10, counts }))];
  const { stdout } = await sluice('status', '--server', url);
  answers['GET /v1/requests'] = [200, aPage(forSome)];
  const { stdout: named } = await sluice('status', '--server', url);
  expect(named).toContain('package-lock.json darwin-arm64 linux-x64  mira');
  expect(stdout).toContain(
    `${id}  completed  10/10  package-lock.json  mira       2026-03-01 09:30:00  1 failed, 2 to review, 7 clean\n`,
  );
});

it('status shows where each item stands', async () => {
  const waits = anItem({ state: 'scan', outcome: null, attempt: 1, queuePosition: 3 });
  answers[`GET /v1/requests/${id}/items`] = [200, aPage(waits)];
  const { code, stdout } = await sluice('status', id, '--items', '--server', url);
  expect(code).toBe(0);
  expect(stdout).toContain('a@1.0.0  scan, about place 3 in its queue\n');
});

it('show lists failed tries: when, who, why and when again, the same ones together', async () => {
  const failed = {
    at: '2026-03-01T09:30:00.000Z',
    assessmentAttempt: 1,
    stage: 'download',
    stageAttempt: 2,
    counted: true,
    code: 'egress.broken-off',
    detail: 'cut off',
    worker: 'host:1',
    nextTryAt: '2026-03-01T09:30:04.000Z',
  };
  answers['GET /v1/packages/pkg%3Anpm%2Fa%401.0.0'] = [
    200,
    aPackage({
      state: 'running',
      stage: 'download',
      outcome: null,
      decision: null,
      queuePosition: 0,
      failedTries: [
        failed,
        { ...failed, stageAttempt: 3, counted: false },
        { ...failed, at: '2026-03-01T09:41:00.000Z', stageAttempt: 4, counted: false, nextTryAt: null },
      ],
    }),
  ];
  const { stdout } = await sluice('show', 'pkg:npm/a@1.0.0', '--server', url);
  expect(stdout).toContain('pkg:npm/a@1.0.0: running, download, handed out\n');
  expect(stdout).toContain(
    '2026-03-01T09:30:00.000Z  download attempt 2 on host:1: egress.broken-off  cut off; next try 2026-03-01T09:30:04.000Z',
  );
  expect(stdout).toContain(
    '2 tries in 11 min (do not count) on host:1: egress.broken-off  cut off; not tried again',
  );
});
