import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { requestId } from '../../test/answers.ts';
import { runCommand } from '../run-command.ts';

const id = requestId;
let packages: number;
const asked: { key: string | undefined; body: Record<string, unknown> }[] = [];
let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((message, response) => {
    let text = '';
    message
      .on('data', (chunk) => (text += String(chunk)))
      .on('end', () => {
        if (message.method === 'GET')
          return response.end(JSON.stringify({ items: listed, nextCursor: null }));
        const body = JSON.parse(text) as Record<string, unknown>;
        asked.push({ key: message.headers['idempotency-key'] as string | undefined, body });
        const counted = { id: body['dryRun'] ? null : id, packages, running: 2, repeated: false };
        return response.writeHead(body['dryRun'] ? 200 : 202).end(JSON.stringify(counted));
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  asked.length = 0;
  packages = 12;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const listed = [
  {
    id,
    state: 'running',
    createdAt: '2026-03-01T09:30:00.000Z',
    filter: {
      stage: 'scan',
      since: null,
      until: null,
      ecosystem: null,
      rulesVersion: null,
      advisoriesVersion: null,
      limit: 100_000,
    },
    packages: 12,
    waiting: 0,
    joined: 2,
    running: 3,
    assessed: 7,
    failed: 0,
    cancelled: 0,
    by: 'mira',
    reason: 'new rules',
  },
];

async function sluice(...args: string[]) {
  let [stdout, stderr] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((stdout += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((stderr += String(text)), true));
  try {
    return { code: await runCommand([...args, '--server', url]), stdout, stderr };
  } finally {
    vi.restoreAllMocks();
    process.exitCode = undefined;
  }
}
const replay = (...args: string[]) =>
  sluice('replay', '--stage', 'scanner', '--reason', 'new rules', '--by', 'mira', ...args);

it('counts first, and changes nothing on a dry run', async () => {
  const { code, stdout } = await replay('--dry-run', '--since', '2026-03-01', '--rules-version', '3fa1');
  expect(code).toBe(0);
  expect(stdout).toContain('12 package versions would go through scan again; 2 of them');
  expect(asked).toEqual([
    {
      key: undefined,
      body: {
        by: 'mira',
        reason: 'new rules',
        stage: 'scan',
        since: '2026-03-01T00:00:00.000Z',
        rulesVersion: '3fa1',
        dryRun: true,
      },
    },
  ]);
});

it('stops without a terminal to ask on, and names the option that confirms', async () => {
  const { code, stderr } = await replay();
  expect(code).toBe(2);
  expect(stderr).toContain('12 package versions');
  expect(stderr).toContain('Add --yes.');
  expect(asked).toHaveLength(1);
});

it('replays with --yes, under a key', async () => {
  const { code, stdout } = await replay('--yes', '--limit', '5');
  expect(code).toBe(0);
  expect(stdout).toContain(`Replay ${id}`);
  expect(asked[1]).toMatchObject({
    key: expect.stringMatching(/^[0-9a-f-]{36}$/),
    body: { stage: 'scan', limit: 5 },
  });
  expect(asked[1]!.body).not.toHaveProperty('dryRun');
});

it('has nothing to ask when nothing fits', async () => {
  packages = 0;
  expect(await replay('--yes')).toMatchObject({ code: 0 });
  expect(asked).toHaveLength(1);
});

it.each([
  ['a stage that is none', ['replay', '--stage', 'gateway', '--reason', 'x']],
  ['no stage', ['replay', '--reason', 'x']],
  ['no reason', ['replay', '--stage', 'scan']],
  ['a time that is none', ['replay', '--stage', 'scan', '--reason', 'x', '--since', 'yesterday']],
  ['a time without a zone', ['replay', '--stage', 'scan', '--reason', 'x', '--until', '2026-03-01T09:30:00']],
])('2: %s', async (_, args) => {
  expect((await sluice(...args)).code).toBe(2);
  expect(asked).toEqual([]);
});

it('lists replays with how far they are', async () => {
  const { stdout } = await sluice('replays');
  expect(stdout).toContain(
    'running   2026-03-01T09:30:00.000Z  scan  12: joined 2  running 3  assessed 7  by mira: new rules',
  );
});
