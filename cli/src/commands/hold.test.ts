import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { aPage, aRequest, at, aWorker, requestId } from '../../test/answers.ts';
import { runCommand } from '../run-command.ts';

const id = requestId;
const paused = { kind: 'stage', name: 'scan', by: 'mira', reason: 'new rules', at };
const circuit = {
  host: 'registry.example',
  service: 'downloader',
  stage: 'download',
  code: 'upstream.unavailable',
  state: 'open',
  since: at,
  detail: 'status 503',
  probeAt: '2026-03-01T09:30:15.000Z',
  consecutive: 4,
  instances: ['vm:1', 'vm:2'],
};

/** The gateway as a command sees it: answers by method and path. */
let answers: Record<string, [status: number, body: unknown]>;
const asked: { request: string; body: unknown }[] = [];
let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((message, response) => {
    let text = '';
    message
      .on('data', (chunk) => (text += String(chunk)))
      .on('end', () => {
        const request = `${message.method} ${message.url}`;
        asked.push({ request, body: text === '' ? null : (JSON.parse(text) as unknown) });
        const known = answers[request] ?? answers[request.split('?')[0]!];
        const [status, body] = known ?? [404, { code: 'route.not-found', detail: 'no route' }];
        response.writeHead(status).end(JSON.stringify(body));
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  asked.length = 0;
  answers = {};
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function sluice(...args: string[]) {
  let [stdout, stderr] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((stdout += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((stderr += String(text)), true));
  try {
    return { code: await runCommand([...args, '--server', url]), stdout, stderr };
  } finally {
    vi.restoreAllMocks();
  }
}
const why = ['--reason', 'new rules', '--by', 'mira'];

describe('holding and letting go', () => {
  it.each([
    [['pause', 'stage', 'scan'], '/v1/stages/scan/pause'],
    [['pause', 'stage', 'downloader'], '/v1/stages/download/pause'],
    [['resume', 'stage', 'license'], '/v1/stages/license/resume'],
    [['pause', 'host', 'registry.example:8443'], '/v1/hosts/registry.example%3A8443/pause'],
    [['resume', 'host', 'registry.example'], '/v1/hosts/registry.example/resume'],
    [['drain', 'scanner/vm:17'], '/v1/workers/scanner/vm%3A17/drain'],
    [['undrain', 'scanner/vm:17'], '/v1/workers/scanner/vm%3A17/undrain'],
  ])('%j asks for it with who and why', async (args, path) => {
    answers[`POST ${path}`] = [200, { changed: true, control: null }];
    expect((await sluice(...args, ...why)).code).toBe(0);
    expect(asked).toEqual([{ request: `POST ${path}`, body: { by: 'mira', reason: 'new rules' } }]);
  });

  it('says what holds now, and that it was so before', async () => {
    answers['POST /v1/stages/scan/pause'] = [200, { changed: false, control: paused }];
    const { stdout } = await sluice('pause', 'stage', 'scan', ...why);
    expect(stdout).toBe(`Already: scan is paused by mira since ${at}: new rules.\n`);
    answers['POST /v1/stages/scan/resume'] = [200, { changed: true, control: null }];
    expect((await sluice('resume', 'stage', 'scan', ...why)).stdout).toBe('scan is not held.\n');
  });

  it.each([
    ['a stage that is none', ['pause', 'stage', 'gateway', ...why]],
    ['no reason', ['pause', 'stage', 'scan']],
    ['a host that is none', ['pause', 'host', 'a b', ...why]],
    ['an instance without its service', ['drain', 'vm:17', ...why]],
    ['neither stage nor host', ['pause', ...why]],
  ])('2: %s, and nobody is asked', async (_, args) => {
    const { code, stderr } = await sluice(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/./);
    expect(asked).toEqual([]);
  });
});

/** A request whose items are before a paused stage. */
const waiting = aRequest({
  state: 'open',
  itemCount: 9,
  endedItems: 4,
  open: { scan: 5 },
  waitsFor: [
    {
      stage: 'scan',
      items: 5,
      kind: 'stage',
      name: 'scan',
      text: `scan is paused by mira since ${at}: new rules`,
    },
  ],
  completedAt: null,
});

describe('what is held', () => {
  it('is listed with who, since when and why', async () => {
    answers['GET /v1/controls?limit=500'] = [200, aPage(paused)];
    expect((await sluice('controls')).stdout).toBe(`scan is paused by mira since ${at}: new rules\n`);
    answers['GET /v1/controls?limit=500'] = [200, aPage()];
    expect((await sluice('controls')).stdout).toBe('Nothing is paused or drained.\n');
  });

  it('stands below the queues, with the hosts that are waited for and when they are tried again', async () => {
    const deadLetters = { dlq: 0, parked: 0 };
    answers['GET /v1/queues'] = [
      200,
      {
        ...aPage(),
        deadLetters,
        bulk: null,
        controls: [paused],
        circuits: [circuit, { ...circuit, state: 'paused' }],
      },
    ];
    const { stdout } = await sluice('queue');
    expect(stdout).toContain(`scan is paused by mira since ${at}: new rules\n`);
    expect(stdout).toContain(
      `downloader (vm:1, vm:2) waits for registry.example since ${at}, 4 tries failed, next at ${circuit.probeAt}: status 503\n`,
    );
    expect(stdout).toContain('downloader (vm:1, vm:2) waits for registry.example: status 503\n');
    answers['GET /v1/requests?limit=20'] = [200, aPage()];
    expect((await sluice('status')).stdout).toContain('scan is paused by mira');
  });

  it('a pause is shown as the reason why items of a request wait', async () => {
    answers[`GET /v1/requests/${id}`] = [200, waiting];
    answers[`GET /v1/requests/${id}/items?limit=500`] = [200, aPage()];
    const { stdout } = await sluice('status', id);
    expect(stdout).toContain(`5 items wait in scan: scan is paused by mira since ${at}: new rules\n`);
  });

  it('a pause is shown to a person who waits for a request', async () => {
    answers['POST /v1/requests'] = [202, { id, itemCount: 9, entryCount: 9, repeated: false }];
    answers[`GET /v1/requests/${id}`] = [200, waiting];
    const { code, stderr } = await sluice('vet', 'package.json', '--timeout', '0.05');
    expect(code).toBe(3);
    expect(stderr).toContain(`scan is paused by mira since ${at}: new rules`);
  });

  it('shows on each instance, by the name that drain takes, with its version', async () => {
    const worker = aWorker({ state: 'drained', detail: 'scanner/vm:17 is drained by mira' });
    const gateway = aWorker({ service: 'gateway', stage: null });
    answers['GET /v1/workers?limit=500'] = [200, aPage(gateway, worker)];
    expect((await sluice('workers')).stdout).toBe(
      `gateway/vm:17  0.1.0  working, since ${at}, last seen ${at}\n` +
        `scanner/vm:17  0.1.0  stage scan  drained (scanner/vm:17 is drained by mira), since ${at}, last seen ${at}\n`,
    );
  });
});
