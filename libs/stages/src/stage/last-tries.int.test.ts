import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { decodeEnvelope } from '@sluice/contracts';
import { createLogger } from '@sluice/runtime';
import { buildProgram, exampleEvent, testNats, waitFor } from '@sluice/testkit';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import {
  connectBus,
  publish,
  consumerState,
  deadLettersStream,
  ensureTopology,
  eventsStream,
  type Bus,
} from '@sluice/broker';
import { listDeadLetters, readDeadLetter, toMessage } from '@sluice/delivery';

const nats = await testNats();
const program = await buildProgram(new URL('../../test/mortal-worker.ts', import.meta.url));
let bus: Bus;
let child: ChildProcess | undefined;

beforeAll(async () => {
  const log = createLogger('test', 'silent');
  bus = await connectBus({ url: nats.url, service: 'test', instance: 't', log });
  await ensureTopology(bus);
});
afterEach(async () => {
  child?.kill('SIGKILL');
  for await (const { name } of bus.jsm.consumers.list(eventsStream))
    await bus.jsm.consumers.delete(eventsStream, name);
  await bus.jsm.streams.purge(eventsStream);
  await bus.jsm.streams.purge(deadLettersStream);
});
afterAll(() => bus.close());

/** Sends a deadly event among harmless ones, and starts the worker again after each death until nothing is left. */
async function liveAndDie(kind: 'stage' | 'consumer', diesIn: 'run' | 'decode') {
  for (const name of ['first', 'deadly', 'second', 'third']) {
    const event = exampleEvent('pkg.requested', { purl: `pkg:npm/${name}@1.0.0`, lane: 'bulk' });
    await publish(bus, toMessage(event, { lane: 'bulk' }));
  }
  const durable = kind === 'stage' ? 'worker-bulk' : 'worker-pkg-requested-bulk';
  const said: string[] = [];
  let deaths = 0;
  const isDone = async () => {
    const state = await consumerState(bus, durable);
    return state?.num_pending === 0 && state.num_ack_pending === 0;
  };
  for (let over = false; !over;) {
    const running = spawn(process.execPath, [program, nats.url, kind, diesIn], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child = running;
    running.stdout.on('data', (text: Buffer) => said.push(...text.toString().trim().split('\n')));
    const died = once(running, 'exit').then(() => true);
    const done = waitFor(async () => running.exitCode !== null || running.signalCode !== null || isDone());
    await done;
    over = await isDone();
    if (over) running.kill('SIGTERM');
    await died;
    if (!over) deaths += 1;
  }
  const letters = await listDeadLetters(bus, { limit: 10 });
  return { said: [...new Set(said)].toSorted(), deaths, letters };
}

async function failures(): Promise<unknown[]> {
  const message = await bus.jsm.direct.getMessage(eventsStream, { seq: 1, next_by_subj: 'pkg.failed.bulk' });
  return message ? [decodeEnvelope(message.data).data] : [];
}

const harmless = ['first', 'second', 'third'].map((name) => `pkg:npm/${name}@1.0.0`);
/** Two attempts, two last tries in which it runs, one in which its end is told if that kills as well. */
const deathsMax = 5;

it('a consumer keeps the event that kills it as a dead letter, and handles the others of its batch', async () => {
  const { said, deaths, letters } = await liveAndDie('consumer', 'run');
  expect(said).toEqual(['given up pkg:npm/deadly@1.0.0', ...harmless]);
  expect(deaths).toBeLessThan(deathsMax);
  expect(letters).toMatchObject([{ service: 'worker', code: 'exhausted' }]);
});

it('a consumer that an event kills while it is decoded keeps that event unread', async () => {
  const { said, deaths, letters } = await liveAndDie('consumer', 'decode');
  expect(said).toEqual(harmless);
  expect(deaths).toBe(deathsMax);
  expect(letters).toMatchObject([{ service: 'worker', code: 'exhausted' }]);
  expect((await readDeadLetter(bus, letters[0]!.sequence))!.payload).toContain('deadly');
});

it('a stage fails the package version that kills it, and gathers the evidence of the others', async () => {
  const { said, deaths, letters } = await liveAndDie('stage', 'run');
  expect(said).toEqual(harmless);
  expect(deaths).toBeLessThan(deathsMax);
  expect(letters).toMatchObject([{ service: 'worker', code: 'exhausted' }]);
  expect(await failures()).toMatchObject([{ purl: 'pkg:npm/deadly@1.0.0', code: 'exhausted' }]);
});

it('a stage that an event kills while it is decoded keeps that event unread', async () => {
  const { said, deaths, letters } = await liveAndDie('stage', 'decode');
  expect(said).toEqual(harmless);
  expect(deaths).toBe(deathsMax);
  expect(letters).toMatchObject([{ service: 'worker', code: 'exhausted' }]);
});
