import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { decodeEnvelope, type EventType, type SluiceEvent } from '@sluice/contracts';
import { createLogger } from '@sluice/runtime';
import { exampleEvent, testNats } from '@sluice/testkit';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { NatsCommands, parseCommand, type Answer, type ShownMessage } from '../../test/nats-command.ts';
import {
  connectBus,
  publish,
  deadLettersStream,
  ensureConsumer,
  ensureTopology,
  eventsStream,
  type Bus,
} from '@sluice/broker';
import { keepDeadLetter } from './dead-letters.ts';
import { toMessage } from '../outbox/to-message.ts';

/** docs/nats.md: each block has a name, and a case below. */
const document = await readFile(new URL('../../../../docs/nats.md', import.meta.url), 'utf8');
const blocks = new Map(
  [...document.matchAll(/^```(.*)\n([\s\S]*?)^```/gm)].map(([, name = '', text = '']) => [
    name.replace(/^sh /, ''),
    text.trim().split('\n'),
  ]),
);

const shell = promisify(execFile);
const nats = await testNats();
let bus: Bus;
let commands: NatsCommands;
let events: SluiceEvent[];
/** What is in the stream, from sequence 1 on. */
const types: [EventType, 'bulk' | 'interactive'][] = [
  ['request.submitted', 'interactive'],
  ['pkg.requested', 'bulk'],
  ['pkg.downloaded', 'bulk'],
  ['pkg.failed', 'bulk'],
  ['pkg.failed', 'interactive'],
  ['pkg.assessed', 'bulk'],
  ['pkg.assessed', 'bulk'],
  ['pkg.failed', 'bulk'],
];
const subjects = types.map(([type, lane]) => `${type}.${lane}`);

beforeAll(async () => {
  const log = createLogger('test', 'silent');
  bus = await connectBus({ url: nats.url, service: 'test', instance: 't', log });
});
beforeEach(async () => {
  for (const stream of [eventsStream, deadLettersStream])
    await bus.jsm.streams.delete(stream).catch(() => {});
  await ensureTopology(bus);
  const limits = { ackWaitMs: 30_000, maxAckPending: 100 };
  await ensureConsumer(bus, { durable: 'scanner-bulk', filterSubject: 'pkg.downloaded.bulk', ...limits });
  events = types.map(([type, lane]) => exampleEvent(type, { lane }));
  for (const [index, event] of events.entries())
    await publish(bus, toMessage(event, { lane: types[index]![1] }));
  for (const [sequence, of, error] of [
    [3, 'scanner', new Error('dead')],
    [2, 'license', new Error('too')],
  ] as const) {
    const stored = (await bus.jsm.streams.getMessage(eventsStream, { seq: sequence }))!;
    const info = { service: of, consumer: `${of}-bulk`, deliveries: 1, attempts: 1 };
    const { seq, time, subject } = stored;
    await keepDeadLetter(bus, { seq, time, subject, string: () => stored.string() }, error, info);
  }
  commands = new NatsCommands(bus.nc);
});
afterAll(() => bus.close());

const subjectsOf = (messages: ShownMessage[]) => messages.map(({ subject }) => subject);
const where = (part: string) => subjects.filter((subject) => subject.startsWith(part));

/** Runs the commands of a block one after the other. */
async function all(lines: string[], on = commands): Promise<Answer[]> {
  const answers = [];
  for (const line of lines) answers.push(await on.run(line));
  return answers;
}

/** When the broker stored the event of a sequence: what a command with a time begins at, instead of hours ago. */
async function fromEvent(sequence: number): Promise<NatsCommands> {
  const { timestamp } = (await bus.jsm.streams.getMessage(eventsStream, { seq: sequence }))!;
  return new NatsCommands(bus.nc, () => timestamp);
}

/** `get | jq | base64 | pub`: what a pipe hands on is the body. */
async function pipe(line: string): Promise<Answer> {
  const [get, jq, base64, pub] = line.split(' | ');
  expect([jq, base64]).toEqual(['jq -r .data', 'base64 -d']);
  const { body } = await commands.run(get!);
  return commands.run(pub!, body);
}

const cases: Record<string, (lines: string[]) => Promise<void>> = {
  async context(lines) {
    const [address, save] = lines;
    const { verb, flags } = parseCommand(save!);
    expect([verb, flags['nkey'], flags['select']]).toEqual([
      'context save',
      '$PWD/.sluice/nats-keys/operator.nk',
      true,
    ]);
    // The shell does as it says, with files that are made up.
    const folder = await mkdtemp(join(tmpdir(), 'sluice-nats-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await mkdir(join(folder, '.sluice'));
    await writeFile(join(folder, '.sluice/run.json'), JSON.stringify({ natsUrl: nats.url }));
    const { stdout } = await shell('sh', ['-c', `${address}; printf %s "$NATS_URL"`], { cwd: folder });
    expect(stdout).toBe(nats.url);
  },
  async stream(lines) {
    const [info, streams] = await all(lines);
    expect(info.state).toMatchObject({ messages: 8, first_seq: 1, last_seq: 8 });
    expect((streams as { config: { name: string } }[]).map(({ config }) => config.name)).toEqual(
      expect.arrayContaining(['EVENTS', 'DEAD_LETTERS']),
    );
  },
  async 'count-by-subject'(lines) {
    const [everything, failed] = await all(lines);
    expect(Object.values(everything as Record<string, number>).reduce((sum, count) => sum + count)).toBe(8);
    expect(failed).toEqual({ 'pkg.failed.bulk': 2, 'pkg.failed.interactive': 1 });
  },
  async get(lines) {
    const [third, last] = await all(lines);
    expect([third.seq, third.subject, decodeEnvelope(third.body as string)]).toEqual([
      3,
      'pkg.downloaded.bulk',
      events[2],
    ]);
    expect([last.seq, decodeEnvelope(last.body as string).id]).toEqual([7, events[6]!.id]);
  },
  async view(lines) {
    const [failed, hour, third] = await all(lines);
    expect(subjectsOf(failed)).toEqual(where('pkg.failed'));
    expect(subjectsOf(hour)).toEqual(subjects);
    expect(subjectsOf(third)).toEqual(subjects.slice(2));
    const [, sinceSixth] = await all(lines, await fromEvent(6));
    expect(subjectsOf(sinceSixth)).toEqual(subjects.slice(5));
  },
  async follow(lines) {
    const [now, failed, third, requests] = await all(lines);
    await publish(bus, toMessage(exampleEvent('pkg.failed', { lane: 'bulk' }), { lane: 'bulk' }));
    for await (const message of now) {
      expect((message as ShownMessage).subject).toBe('pkg.failed.bulk');
      break;
    }
    expect(subjectsOf(failed)).toEqual(where('pkg.failed'));
    expect(subjectsOf(third)).toEqual(subjects.slice(2));
    expect(subjectsOf(requests)).toEqual(where('request.'));
    const [, sinceFifth] = await all(lines.slice(0, 2), await fromEvent(5));
    expect(subjectsOf(sinceFifth)).toEqual(['pkg.failed.interactive', 'pkg.failed.bulk', 'pkg.failed.bulk']);
  },
  async consumer(lines) {
    const [, info, next] = await all(lines);
    expect(info.num_pending).toBe(3);
    expect(subjectsOf(next)).toEqual(where('pkg.failed').slice(0, 2));
    // By what it hands out: nats-server 2.9.10 now and then counts one too many from a time on.
    const [, , sinceFifth] = await all(lines, await fromEvent(5));
    expect(subjectsOf(sinceFifth)).toEqual(where('pkg.failed').slice(1));
    await expect(commands.run('nats consumer info EVENTS look')).rejects.toThrow('not found');
  },
  async 'consumer-from-sequence'(lines) {
    const [, info] = await all(lines);
    expect(info.num_pending).toBe(2);
    expect(info.config).toMatchObject({ deliver_policy: 'by_start_sequence', opt_start_seq: 3 });
  },
  async 'replay-one'([line]) {
    expect(await pipe(line!)).toMatchObject({ stream: 'EVENTS', seq: 9 });
    const again = await bus.jsm.streams.getMessage(eventsStream, { seq: 9 });
    expect([again!.subject, decodeEnvelope(again!.data)]).toEqual(['pkg.downloaded.bulk', events[2]]);
    expect(await pipe(line!)).toMatchObject({ duplicate: true });
  },
  async queues(lines) {
    const [report, scanner] = await all(lines);
    expect((report as { name: string }[]).map(({ name }) => name)).toEqual(['scanner-bulk']);
    expect([scanner.num_pending, scanner.num_ack_pending]).toEqual([1, 0]);
  },
  async 'dead-letters'(lines) {
    const [counts, scanner, day, first] = await all(lines);
    expect(counts).toEqual({ 'dlq.scanner': 1, 'dlq.license': 1 });
    expect(scanner).toMatchObject([
      {
        subject: 'dlq.scanner',
        headers: { 'sluice-subject': 'pkg.downloaded.bulk', 'sluice-error-code': 'internal' },
      },
    ]);
    expect(decodeEnvelope((scanner as ShownMessage[])[0]!.body)).toEqual(events[2]);
    expect(subjectsOf(day)).toEqual(['dlq.scanner', 'dlq.license']);
    expect(first.subject).toBe('dlq.scanner');
  },
  async 'redrive-by-hand'([line, remove]) {
    const { seq } = await pipe(line!);
    const again = await bus.jsm.streams.getMessage(eventsStream, { seq: seq as number });
    expect([again!.subject, decodeEnvelope(again!.data)]).toEqual(['pkg.downloaded.bulk', events[2]]);
    await commands.run(remove!);
    expect(await commands.run('nats stream subjects DEAD_LETTERS')).toEqual({ 'dlq.license': 1 });
  },
};

it('every block of docs/nats.md has a case here, and the other way round', () => {
  expect([...blocks.keys()]).toEqual(Object.keys(cases));
});

it.each(Object.entries(cases))('docs/nats.md, %s: the broker answers as it says', (name, check) =>
  check(blocks.get(name)!),
);
