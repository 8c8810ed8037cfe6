import {
  defineEvent,
  laneSchema,
  licenseEvidenceSchema,
  makeEvent,
  pkgDownloaded,
  pkgLicensed,
  type EventDefinition,
  type SluiceEvent,
} from '@sluice/contracts';
import { createLogger } from '@sluice/runtime';
import {
  cleanDownload,
  exampleEvent,
  testNats,
  testService,
  waitFor,
  type TestService,
} from '@sluice/testkit';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import {
  connectBus,
  publish,
  consumerState,
  deadLettersStream,
  ensureTopology,
  eventsStream,
  type Bus,
} from '@sluice/broker';
import {
  countDeadLetters,
  listDeadLetters,
  republishDeadLetter,
  serveReleasing,
  readDeadLetter,
  toMessage,
} from '@sluice/delivery';
import { defineStage, type AssessmentEventData } from './define-stage.ts';
import { startStage } from './start-stage.ts';

/**
 * Two versions of one stage beside each other, as while it is upgraded. Yesterday's contract is what the fixtures hold;
 * tomorrow's has another major version of the same event, with its data told in other words.
 */
const nats = await testNats();
const running: TestService[] = [];
let bus: Bus;

beforeAll(async () => {
  const log = createLogger('test', 'silent');
  bus = await connectBus({ url: nats.url, service: 'test', instance: 't', log });
  await ensureTopology(bus);
  serveReleasing(bus, log);
});
afterEach(async () => {
  for (const service of running.splice(0)) await service.stop();
  for (const lane of ['bulk', 'interactive'])
    await bus.jsm.consumers.delete(eventsStream, `downloader-${lane}`);
  await bus.jsm.streams.purge(eventsStream);
  await bus.jsm.streams.purge(deadLettersStream);
});
afterAll(() => bus.close());

const assessment = { assessmentId: z.uuid(), purl: z.string(), lane: laneSchema, attempt: z.number() };
const tomorrow = defineEvent({
  type: pkgLicensed.type,
  version: pkgLicensed.version + 1,
  publisher: 'license',
  description: 'The license, and how sure that is, each for itself.',
  schema: z.looseObject({
    ...assessment,
    found: z.looseObject({ expression: z.string().nullable(), certain: z.boolean() }),
    evidence: z.looseObject({ license: licenseEvidenceSchema }),
  }),
  upgrade(old) {
    const data = old as { evidence: { license: { expression: string | null; confidence: string } } };
    const { expression, confidence } = data.evidence.license;
    return { ...data, found: { expression, certain: confidence === 'high' } };
  },
});
/** Fields that nobody knew yesterday, and which whoever forwards them must not lose. */
const novelties = { jurisdiction: 'EU', nested: { deep: [1, 2] } };

/** Which version of the stage had an assessment last. */
const doneBy = new Map<string, string>();

function start<In extends AssessmentEventData>(
  name: string,
  consumes: EventDefinition<In>,
  evidenceOf: (data: In) => object,
): Promise<unknown> {
  const service = testService();
  running.push(service);
  const stage = defineStage({
    name: 'download',
    service: 'downloader',
    consumes,
    emits: pkgDownloaded,
    limits: { concurrency: 4, attemptsMax: 3, ackWaitMs: 30_000, deadlineMs: 30_000, retryBaseMs: 10 },
    gather: async (data: In) => void doneBy.set(data.assessmentId, name),
    decide: (data: In) => ({ evidence: { ...evidenceOf(data), download: cleanDownload() } as never }),
  });
  return startStage(bus, stage, undefined, service);
}
const startOld = () => start('old', pkgLicensed, ({ evidence }) => evidence);
const startNew = () => start('new', tomorrow as EventDefinition<never>, ({ evidence }) => evidence);

async function send(kind: 'yesterday' | 'more fields' | 'tomorrow'): Promise<string> {
  const assessmentId = crypto.randomUUID();
  const event = exampleEvent('pkg.licensed', { assessmentId, lane: 'bulk' });
  const license = { ...event.data.evidence.license, ...novelties };
  const evidence = { ...event.data.evidence, license };
  const more = { ...event.data, priority: 7, evidence };
  const sent = {
    yesterday: event,
    'more fields': { ...event, data: more },
    tomorrow: makeEvent(tomorrow as EventDefinition, {
      id: event.id,
      source: 'license',
      subject: event.subject,
      time: new Date(),
      data: { ...more, found: { expression: 'MIT', certain: true } },
    }),
  }[kind];
  await publish(bus, toMessage(sent as SluiceEvent, { lane: 'bulk' }));
  return assessmentId;
}

/** The stage's facts by assessment, as the next stage reads them. */
async function facts(): Promise<Map<string, Record<string, unknown>>> {
  const found = new Map<string, Record<string, unknown>>();
  for (let sequence = 1; ;) {
    const message = await bus.jsm.direct.getMessage(eventsStream, {
      seq: sequence,
      next_by_subj: 'pkg.downloaded.bulk',
    });
    if (!message) return found;
    const event =
      message.json<SluiceEvent<{ assessmentId: string; evidence: { license: Record<string, unknown> } }>>();
    found.set(event.data.assessmentId, event.data.evidence.license);
    sequence = message.seq + 1;
  }
}
const idle = () =>
  waitFor(
    async () => {
      const state = await consumerState(bus, 'downloader-bulk');
      return state?.num_pending === 0 && state.num_ack_pending === 0;
    },
    { what: 'the stage to have nothing left' },
  );

it('old and new beside each other: every message ends or is parked, and new ones come through', async () => {
  await Promise.all([startOld(), startNew()]);
  const sent = { yesterday: [] as string[], 'more fields': [] as string[], tomorrow: [] as string[] };
  for (let round = 0; round < 20; round += 1)
    for (const kind of ['yesterday', 'more fields', 'tomorrow'] as const) sent[kind].push(await send(kind));
  await idle();
  const done = await facts();
  const counts = await countDeadLetters(bus);
  expect(counts.dlq).toBe(0);
  for (const id of [...sent.yesterday, ...sent['more fields']]) expect(done.has(id)).toBe(true);
  expect(sent.tomorrow.filter((id) => done.has(id)).length + counts.parked).toBe(20);
  // Both had a share of it, or this test would say nothing of either.
  expect(new Set(doneBy.values())).toEqual(new Set(['old', 'new']));
  for (const id of sent['more fields']) expect(done.get(id)).toMatchObject(novelties);
});

it('a message that an old service parked is visible, and is released by the first service that understands it', async () => {
  await startOld();
  const parked = await Promise.all([send('tomorrow'), send('tomorrow'), send('yesterday')]);
  await idle();
  expect(await listDeadLetters(bus, { kind: 'parked', service: 'downloader', limit: 10 })).toMatchObject([
    { kind: 'parked', code: 'message.unknown-version', subject: 'pkg.licensed.bulk', attempts: 1 },
    { kind: 'parked', code: 'message.unknown-version' },
  ]);
  expect((await facts()).size).toBe(1);
  for (const service of running.splice(0)) await service.stop();
  await startNew();
  const done = await waitFor(async () => {
    const all = await facts();
    return all.size === 3 ? all : null;
  });
  expect([...done.keys()].toSorted()).toEqual(parked.toSorted());
  expect(await countDeadLetters(bus)).toEqual({ dlq: 0, parked: 0 });
});

it('a message that is released too early is parked again, and not lost', async () => {
  await startOld();
  await send('tomorrow');
  await idle();
  const [letter] = await listDeadLetters(bus, { kind: 'parked', limit: 1 });
  await republishDeadLetter(bus, (await readDeadLetter(bus, letter!.sequence))!);
  const again = await waitFor(async () => (await listDeadLetters(bus, { kind: 'parked', limit: 1 }))[0]);
  expect(again.sequence).toBeGreaterThan(letter!.sequence);
  expect(await countDeadLetters(bus)).toEqual({ dlq: 0, parked: 1 });
});

it('two that release the same at once release it once', async () => {
  await startOld();
  await send('tomorrow');
  await idle();
  for (const service of running.splice(0)) await service.stop();
  await Promise.all([startNew(), startNew(), startNew()]);
  await waitFor(async () => (await facts()).size === 1);
  await idle();
  const { state } = await bus.jsm.streams.info(eventsStream, { subjects_filter: 'pkg.licensed.bulk' });
  expect(state.subjects).toEqual({ 'pkg.licensed.bulk': 2 });
});
