import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Job } from '@sluice/api';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { at, requestId } from '../../test/answers.ts';
import { runCommand } from '../run-command.ts';

const id = requestId;
const aJob = (fields: Partial<Job> = {}): Job => ({
  id,
  kind: 'batch',
  state: 'running',
  progress: 0.75,
  total: 8,
  ended: 6,
  result: { approve: 5, review: 1, blocked: 0 },
  error: null,
  by: 'mira',
  scope: 'default',
  createdAt: at,
  startedAt: at,
  completedAt: null,
  links: { self: `/v1/batches/${id}` },
  ...fields,
});
let job: Job;
const asked: { line: string; body: string }[] = [];
let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((message, response) => {
    let body = '';
    message
      .on('data', (chunk) => (body += String(chunk)))
      .on('end', () => {
        asked.push({ line: `${message.method} ${message.url}`, body });
        const answer = message.method === 'GET' ? job : { id, kind: job.kind, affected: 1, unit: 'packages' };
        response.end(JSON.stringify(answer));
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  asked.length = 0;
  job = aJob();
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
    return { code: await runCommand(['job', ...args, '--server', url]), stdout, stderr };
  } finally {
    vi.restoreAllMocks();
    process.exitCode = undefined;
  }
}

it('shows what a job is and how far, or why it failed', async () => {
  expect((await sluice('status', id)).stdout).toBe(
    `batch ${id}: running\nBy mira, 2026-03-01 09:30:00 UTC.\n6 of 8 items ended.\n5 approve, 1 review.\n`,
  );
  job = aJob({
    kind: 'request',
    state: 'failed',
    result: null,
    error: { code: 'lockfile.unreadable', detail: 'It ends early.\u001b[2J', remedy: 'Send all of it.' },
  });
  const { stdout } = await sluice('status', id);
  expect(stdout).toContain('It ends early.');
  expect(stdout).toContain('(lockfile.unreadable)\nSend all of it.\n');
  expect(stdout).not.toContain('\u001b');
  expect(asked[0]!.line).toBe(`GET /v1/jobs/${id}`);
});

it.each([
  ['cancel', 'Cancelled: 1 package version.\n'],
  ['retry', 'Tried again: 1 package version.\n'],
])('%s names who and why, and says how much it had an effect on', async (name, text) => {
  const { code, stdout } = await sluice(name, id, '--reason', 'the registry is back', '--by', 'mira');
  expect([code, stdout]).toEqual([0, text]);
  expect(asked).toEqual([
    {
      line: `POST /v1/jobs/${id}/${name}`,
      body: JSON.stringify({ reason: 'the registry is back', by: 'mira' }),
    },
  ]);
});

it.each([
  ['no id', ['status']],
  ['an id that is none', ['status', '7']],
  ['no reason', ['cancel', id]],
])('2: %s', async (_, args) => {
  expect((await sluice(...args)).code).toBe(2);
  expect(asked).toEqual([]);
});
