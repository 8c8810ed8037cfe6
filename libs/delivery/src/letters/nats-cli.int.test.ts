import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLogger } from '@sluice/runtime';
import { exampleEvent, testNats } from '@sluice/testkit';
import { connectBus, eventsStream, ensureConsumer, ensureTopology, publish, type Bus } from '@sluice/broker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { toMessage } from '../outbox/to-message.ts';
import { keepDeadLetter } from './dead-letters.ts';

/** The commands of docs/nats.md, run by NATS's own command line where a machine has it. */

/** The program of `SLUICE_NATS_CLI`, or the one of PATH. */
const program = process.env['SLUICE_NATS_CLI'] ?? 'nats';
const known = spawnSync(program, ['--version'], { encoding: 'utf8' });
const isThere = known.status === 0;
if (!isThere) console.warn('Skipped: there is no NATS CLI on this machine (SLUICE_NATS_CLI names one).');
/** A terminal for commands that show page by page. */
const hasTerminal = spawnSync('script', ['--version']).status === 0;

const document = await readFile(new URL('../../../../docs/nats.md', import.meta.url), 'utf8');
const commands = [...document.matchAll(/^```sh .*\n([\s\S]*?)^```/gm)].flatMap(([, text = '']) =>
  text.trim().split('\n'),
);

// A file whose tests are all skipped stops nothing: it starts nothing either.
const nats = isThere ? await testNats() : null;
let bus: Bus;
let home: string;

beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'sluice-nats-cli-'));
  bus = await connectBus({
    url: nats!.url,
    service: 'test',
    instance: 't',
    log: createLogger('test', 'silent'),
  });
  await ensureTopology(bus);
  const limits = { ackWaitMs: 30_000, maxAckPending: 100 };
  await ensureConsumer(bus, { durable: 'scanner-bulk', filterSubject: 'pkg.downloaded.bulk', ...limits });
  const types = [
    'request.submitted',
    'pkg.requested',
    'pkg.downloaded',
    'pkg.failed',
    'pkg.failed',
    'pkg.assessed',
  ] as const;
  for (const type of types)
    await publish(bus, toMessage(exampleEvent(type, { lane: 'bulk' }), { lane: 'bulk' }));
  const stored = (await bus.jsm.streams.getMessage(eventsStream, { seq: 3 }))!;
  const { seq, time, subject } = stored;
  const about = { service: 'scanner', consumer: 'scanner-bulk', deliveries: 1, attempts: 1 };
  await keepDeadLetter(bus, { seq, time, subject, string: () => stored.string() }, new Error('dead'), about);
});
afterAll(async () => {
  await bus.close();
  await rm(home, { recursive: true });
});

/** How long a command may take to show its first message. */
const firstMs = 20_000;

/** Runs a line of the page in a shell. One that goes on for ever, or page by page, is ended once it has shown something. */
function run(line: string): Promise<{ status: number | null; shown: string }> {
  const isEndless = / (?:sub|stream view) /.test(line);
  const folder = path.dirname(program);
  const env = {
    ...process.env,
    HOME: home,
    XDG_CONFIG_HOME: home,
    NATS_URL: nats!.url,
    PATH: folder === '.' ? process.env['PATH'] : `${folder}:${process.env['PATH']}`,
  };
  const inTerminal = / stream view /.test(line);
  const [file, args] = inTerminal ? ['script', ['-qec', line, '/dev/null']] : ['sh', ['-c', line]];
  return new Promise((resolve, reject) => {
    const child = spawn(file as string, args as string[], { env, detached: true });
    let shown = '';
    const end = () => process.kill(-child.pid!, 'SIGKILL');
    const timer = setTimeout(end, firstMs);
    const take = (chunk: Buffer) => {
      shown += chunk.toString();
      if (isEndless && /"specversion"|Subscribing on/.test(shown)) end();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('error', reject);
    child.once('close', (status) => {
      clearTimeout(timer);
      resolve({ status, shown });
    });
  });
}

it.skipIf(!isThere).each(commands.filter((line) => line.startsWith('nats ')))('%s', async (line) => {
  if (/ stream view /.test(line) && !hasTerminal) {
    console.warn(`Skipped: there is no \`script\` to show this in a terminal: ${line}`);
    return;
  }
  const { status, shown } = await run(line);
  if (/ (?:sub|stream view) /.test(line)) expect(shown).toMatch(/"specversion"|Subscribing on/);
  else expect([line, status, status === 0 ? '' : shown]).toEqual([line, 0, '']);
});
