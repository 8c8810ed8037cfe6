import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileArtifactStore } from '@sluice/artifacts';
import {
  approveCommand,
  cancelCommand,
  changeLaneCommand,
  discardCommand,
  decodeEnvelope,
  eventId,
  makeEvent,
  pkgAssessed,
  pkgDownloaded,
  pkgFailed,
  pkgLicensed,
  pkgRejected,
  pkgRequested,
  pkgScanned,
  redriveCommand,
  replayCommand,
  rejectCommand,
  requestCompleted,
  requestSubmitted,
  retryCommand,
  uuidV7,
  type EventData,
  type StageName,
  type EventDefinition,
  type Lane,
  type Submission,
} from '@sluice/contracts';
import {
  connectBus,
  consumerState,
  ensureConsumer,
  ensureTopology,
  publish,
  sendCommand,
  type Bus,
} from '@sluice/broker';
import { listDeadLetters, readEventLog, toMessage } from '@sluice/delivery';
import { createLogger, startService, type RunningService } from '@sluice/runtime';
import { cleanDownload, evidenceUpTo, cleanScan, testNats, testPostgres, waitFor } from '@sluice/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aggregatorMigrations, aggregatorService } from './service.ts';

const nats = await testNats();
const postgres = await testPostgres(aggregatorMigrations);
const log = createLogger('test', 'silent');
const folder = await mkdtemp(path.join(tmpdir(), 'sluice-aggregator-'));
const artifacts = fileArtifactStore(folder);
const hashes = { sha1: '0'.repeat(40), sha256: '0'.repeat(64), sha512: '0'.repeat(128) };
const matchingPin = hashes.sha512;
const otherPin = '7'.repeat(128);

let bus: Bus;
const retired = 'aggregator-pkg-licensed-bulk';
let service: RunningService;

beforeAll(async () => {
  bus = await connectBus({ url: nats.url, service: 'test', instance: 'test', log });
  const env = { NATS_URL: nats.url, DATABASE_URL: postgres.url, ARTIFACTS_DIR: folder };
  // As an older version left it.
  await ensureTopology(bus);
  await ensureConsumer(bus, {
    durable: retired,
    filterSubject: 'pkg.licensed.bulk',
    ackWaitMs: 30_000,
    maxAckPending: 10,
  });
  service = await startService(aggregatorService, env, { log });
});

afterAll(async () => {
  await service.stop();
  await bus.close();
  await rm(folder, { recursive: true, force: true });
});

async function emit<Data>(
  definition: EventDefinition<Data>,
  about: string,
  subject: string,
  data: Data,
  lane: Lane,
  run: number | string = 1,
) {
  const id = eventId(about, definition.type, run);
  const event = makeEvent(definition, { id, source: 'test', subject, time: new Date(), data });
  await publish(bus, toMessage(event, { lane }));
}

/** Submits packages; the SHA-512 that is pinned may stand behind each. @returns the request's id. */
async function submit(
  packages: (string | [purl: string, pin: string])[],
  lane: Lane = 'bulk',
): Promise<string> {
  const items = packages.map((entry): Submission['items'][number] => {
    const [purl, hex] = typeof entry === 'string' ? [entry, null] : entry;
    const assessable = purl.startsWith('pkg:');
    return {
      purl: assessable ? purl : null,
      name: purl,
      version: null,
      pins: hex === null ? [] : [{ algorithm: 'sha512', hex }],
      paths: [purl],
      pathCount: 1,
      dev: false,
      optional: false,
      bundled: false,
      direct: true,
      unassessable: assessable ? null : { code: 'source.git', message: 'git' },
      notes: [],
    };
  });
  const list = await artifacts.put(
    Buffer.from(JSON.stringify({ format: 'test', projectName: null, entryCount: items.length, items })),
  );
  const requestId = uuidV7();
  const data = {
    requestId,
    lane,
    scope: 'default',
    requester: 'test',
    labels: {},
    format: 'test',
    filename: null,
    itemCount: items.length,
    entryCount: items.length,
    listDigest: list.digest,
    submittedAt: new Date().toISOString(),
  };
  await emit(requestSubmitted, requestId, requestId, data, lane);
  return requestId;
}

/** Everything of one type that was published so far, as data. */
async function published<Data>(definition: EventDefinition<Data>): Promise<Data[]> {
  const found: Data[] = [];
  const { state } = await bus.jsm.streams.info('EVENTS');
  if (state.messages === 0) return found;
  const done = new AbortController();
  await readEventLog(bus, { fromSequence: 1, batchMax: 1_000, signal: done.signal }, async (batch) => {
    for (const message of batch) {
      const event = decodeEnvelope(message.payload);
      if (event.type === definition.type) found.push(event.data as Data);
    }
    if (batch.at(-1)!.sequence >= state.last_seq) done.abort();
  });
  return found;
}

const requestedFor = (purl: string, count = 1) =>
  waitFor(
    async () => {
      const all = (await published(pkgRequested)).filter((data) => data.purl === purl);
      return all.length >= count ? all.at(-1) : null;
    },
    { what: `pkg.requested of ${purl}` },
  );

const scan = (malicious = false) =>
  cleanScan({
    advisories: {
      status: 'matched',
      version: 'v1',
      matches: malicious
        ? [
            {
              id: 'MAL-1',
              aliases: [],
              severity: null,
              score: null,
              summary: 'steals',
              malicious: true,
              fixedIn: null,
            },
          ]
        : [],
    },
  });

/** Plays the stages for an assessment, in the given order of their facts. */
async function assess(
  data: EventData<typeof pkgRequested>,
  options: { malicious?: boolean; order?: ('l' | 'd' | 's')[] } = {},
) {
  const { assessmentId, purl, lane, attempt } = data;
  const fields = { assessmentId, purl, lane, attempt };
  const evidence = { download: cleanDownload({ digests: hashes }), scan: scan(options.malicious) };
  const upTo = (stage: StageName) => ({ ...fields, evidence: evidenceUpTo(stage, evidence) });
  const facts = {
    l: () => emit(pkgLicensed, assessmentId, purl, upTo('license'), lane, attempt),
    d: () => emit(pkgDownloaded, assessmentId, purl, upTo('download'), lane, attempt),
    s: () => emit(pkgScanned, assessmentId, purl, upTo('scan'), lane, attempt),
  };
  for (const fact of options.order ?? ['l', 'd', 's']) await facts[fact]();
}

const completed = (requestId: string) =>
  waitFor(async () => (await published(requestCompleted)).find((data) => data.requestId === requestId), {
    what: 'request.completed',
  });

it('takes a request through to its completion', async () => {
  const requestId = await submit(['pkg:npm/clean@1.0.0', 'pkg:npm/evil@1.0.0', 'a git dependency']);
  await assess(await requestedFor('pkg:npm/clean@1.0.0'));
  await assess(await requestedFor('pkg:npm/evil@1.0.0'), { malicious: true });
  expect((await completed(requestId)).counts).toEqual({ approve: 1, reject: 1, unassessable: 1 });
});

it('assesses a version once for many requests, and credits a fresh assessment at once', async () => {
  const purl = 'pkg:npm/shared@1.0.0';
  const requests = await Promise.all(Array.from({ length: 5 }, () => submit([purl])));
  await assess(await requestedFor(purl));
  await Promise.all(requests.map(completed));
  const late = await submit([purl]);
  expect((await completed(late)).counts).toEqual({ approve: 1 });
  expect((await published(pkgRequested)).filter((data) => data.purl === purl)).toHaveLength(1);
});

it('judges once all facts are in, in whatever order they come', async () => {
  for (const [index, order] of (['lds', 'sdl', 'dsl', 'slddls'] as const).entries()) {
    const purl = `pkg:npm/order-${index}@1.0.0`;
    const requestId = await submit([purl]);
    await assess(await requestedFor(purl), { order: [...order] as ('l' | 'd' | 's')[] });
    expect((await completed(requestId)).counts).toEqual({ approve: 1 });
    expect((await published(pkgAssessed)).filter((data) => data.purl === purl)).toHaveLength(1);
  }
});

it('holds each lockfile’s own pin against the bytes', async () => {
  const purl = 'pkg:npm/pinned@1.0.0';
  const right = await submit([[purl, matchingPin]]);
  const wrong = await submit([[purl, otherPin]]);
  await assess(await requestedFor(purl));
  expect((await completed(right)).counts).toEqual({ approve: 1 });
  expect((await completed(wrong)).counts).toEqual({ reject: 1 });
});

it('ends a request whose package failed; a failure is no verdict', async () => {
  const purl = 'pkg:npm/gone@1.0.0';
  const requestId = await submit([purl]);
  const { assessmentId, lane, attempt } = await requestedFor(purl);
  const data = {
    assessmentId,
    purl,
    lane,
    attempt,
    stage: 'license' as const,
    code: 'registry.version-not-found',
    detail: 'gone',
    failedAt: new Date().toISOString(),
  };
  await emit(pkgFailed, assessmentId, purl, data, lane);
  expect((await completed(requestId)).counts).toEqual({ failed: 1 });
  expect((await published(pkgAssessed)).filter((assessed) => assessed.purl === purl)).toEqual([]);
});

it('completes a request for an empty lockfile', async () => {
  expect((await completed(await submit([]))).counts).toEqual({});
});

it('asks again in the fast lane when somebody waits for what was only bulk', async () => {
  const purl = 'pkg:npm/wanted@1.0.0';
  await submit([purl], 'bulk');
  const first = await requestedFor(purl);
  const urgent = await submit([purl], 'interactive');
  const second = await requestedFor(purl, 2);
  expect(second).toMatchObject({ lane: 'interactive', assessmentId: first.assessmentId, attempt: 1 });
  await assess(second);
  await completed(urgent);
});

it('lets a person decide, once, and never against the policy’s hard limits', async () => {
  const decide = { scope: 'default', by: 'mira', reason: 'needed', until: null, assessmentId: null };
  await expect(
    sendCommand(bus, approveCommand, { ...decide, purl: 'pkg:npm/never@1.0.0' }),
  ).rejects.toMatchObject({ code: 'package.not-found' });
  await submit(['pkg:npm/slow@1.0.0']);
  await requestedFor('pkg:npm/slow@1.0.0');
  await expect(
    sendCommand(bus, approveCommand, { ...decide, purl: 'pkg:npm/slow@1.0.0' }),
  ).rejects.toMatchObject({ code: 'package.not-assessed' });
  await expect(
    sendCommand(bus, approveCommand, { ...decide, purl: 'pkg:npm/evil@1.0.0' }),
  ).rejects.toMatchObject({ code: 'decision.blocked' });
  const rejected = await sendCommand(bus, rejectCommand, { ...decide, purl: 'pkg:npm/clean@1.0.0' });
  expect(rejected.decision).toMatchObject({
    state: 'rejected',
    by: { kind: 'person', name: 'mira' },
    sequence: 2,
  });
  await expect(
    sendCommand(bus, rejectCommand, { ...decide, purl: 'pkg:npm/clean@1.0.0' }),
  ).rejects.toMatchObject({ code: 'decision.unchanged' });
  await expect(
    sendCommand(bus, approveCommand, { ...decide, purl: 'pkg:npm/clean@1.0.0', assessmentId: uuidV7() }),
  ).rejects.toMatchObject({ code: 'decision.stale' });
  const sql = postgres.connect('aggregator');
  const audit = await sql`select actor, action, subject from audit where action <> 'activate-policy'`;
  expect([...audit]).toEqual([{ actor: 'mira', action: 'reject', subject: 'pkg:npm/clean@1.0.0' }]);
});

const hand = { by: 'mira', reason: 'a test' };

it('cancels a request: its open items end, what others wait for goes on, and again changes nothing', async () => {
  const cancelled = await submit(['pkg:npm/alone@1.0.0', 'pkg:npm/both@1.0.0']);
  const other = await submit(['pkg:npm/both@1.0.0']);
  const sql = postgres.connect('aggregator');
  await waitFor(async () => (await sql`select from requests where id = ${other}`).length === 1, {
    what: 'the other request to be taken in',
  });
  const alone = await requestedFor('pkg:npm/alone@1.0.0');
  const both = await requestedFor('pkg:npm/both@1.0.0');
  const cancel = () => sendCommand(bus, cancelCommand, { ...hand, requestId: cancelled });
  expect(await cancel()).toEqual({ requestId: cancelled, items: 2, assessments: 1 });
  expect(await cancel()).toEqual({ requestId: cancelled, items: 0, assessments: 0 });
  expect((await completed(cancelled)).counts).toEqual({ cancelled: 2 });
  await assess(alone);
  await assess(both);
  expect((await completed(other)).counts).toEqual({ approve: 1 });
  expect((await published(pkgAssessed)).some(({ purl }) => purl === 'pkg:npm/alone@1.0.0')).toBe(false);
  await expect(sendCommand(bus, cancelCommand, { ...hand, requestId: other })).rejects.toMatchObject({
    code: 'request.ended',
  });
});

it('has failed items tried again in another round of their request', async () => {
  const purl = 'pkg:npm/flaky@1.0.0';
  const requestId = await submit([purl, 'pkg:npm/clean@1.0.0']);
  const first = await requestedFor(purl);
  const { assessmentId, lane, attempt } = first;
  const failure = {
    stage: 'download' as const,
    code: 'egress.too-large',
    detail: 'large',
    failedAt: new Date().toISOString(),
  };
  await emit(pkgFailed, assessmentId, purl, { assessmentId, purl, lane, attempt, ...failure }, lane);
  expect((await completed(requestId)).counts).toMatchObject({ failed: 1 });
  const retry = { ...hand, requestId: null, purl: null, code: null, stage: null, limit: 100 };
  expect(await sendCommand(bus, retryCommand, { ...retry, code: 'stuck' })).toEqual({
    items: 0,
    requests: 0,
    packages: 0,
    skipped: 0,
  });
  expect(await sendCommand(bus, retryCommand, { ...retry, requestId })).toEqual({
    items: 1,
    requests: 1,
    packages: 1,
    skipped: 0,
  });
  const second = await requestedFor(purl, 2);
  expect(second.assessmentId).not.toBe(assessmentId);
  await assess(second);
  const again = await waitFor(async () =>
    (await published(requestCompleted)).find((data) => data.requestId === requestId && data.round === 2),
  );
  expect(again.counts).toMatchObject({ approve: expect.any(Number), failed: 0 });
});

it('moves a running request to the fast lane, with what it waits for', async () => {
  const purl = 'pkg:npm/urgent@1.0.0';
  const requestId = await submit([purl], 'bulk');
  await requestedFor(purl);
  const moved = await sendCommand(bus, changeLaneCommand, { ...hand, requestId, lane: 'interactive' });
  expect(moved).toEqual({ requestId, lane: 'interactive', assessments: 1 });
  expect(await requestedFor(purl, 2)).toMatchObject({ lane: 'interactive' });
});

it('has a stage run again over what was assessed, and recalls what it would no longer approve', async () => {
  const purl = 'pkg:npm/later-evil@1.0.0';
  const since = new Date().toISOString();
  const requestId = await submit([purl]);
  const first = await requestedFor(purl);
  await assess(first);
  await completed(requestId);
  const filter = {
    since,
    until: null,
    ecosystem: 'npm',
    rulesVersion: 'newer',
    advisoriesVersion: null,
  };
  const replay = {
    by: 'mira',
    reason: 'new rules',
    id: uuidV7(),
    stage: 'scan' as const,
    limit: 1_000,
    ...filter,
  };
  const counted = await sendCommand(bus, replayCommand, { ...replay, dryRun: true });
  expect(counted).toEqual({ id: null, packages: 1, running: 0, repeated: false });
  expect(await sendCommand(bus, replayCommand, { ...replay, dryRun: false })).toMatchObject({
    id: replay.id,
    packages: 1,
  });
  const began = await waitFor(async () =>
    (await published(pkgDownloaded)).find((data) => data.purl === purl && data.replay),
  );
  expect(began).toMatchObject({ lane: 'bulk', attempt: 1, replay: { replayId: replay.id, by: 'mira' } });
  expect(began.assessmentId).not.toBe(first.assessmentId);
  expect((await published(pkgRequested)).filter((data) => data.purl === purl)).toHaveLength(1);
  await assess({ ...first, ...began }, { malicious: true, order: ['s'] });
  const rejected = await waitFor(async () =>
    (await published(pkgRejected)).find((data) => data.assessmentId === began.assessmentId),
  );
  expect(rejected.decision).toMatchObject({ state: 'rejected', by: { kind: 'policy' }, sequence: 2 });
});

it('removes consumers of older versions, whose messages would never be settled', async () => {
  expect(await consumerState(bus, retired)).toBeNull();
});

it('redrives and discards dead letters, and keeps a record of it', async () => {
  await bus.js.publish('pkg.scanned.bulk', 'no event at all');
  const [letter] = await waitFor(async () => {
    const found = await listDeadLetters(bus, { limit: 10, service: 'aggregator' });
    return found.length > 0 ? found : null;
  });
  expect(letter).toMatchObject({ kind: 'dlq', subject: 'pkg.scanned.bulk', code: 'message.undecodable' });
  const about = { ...hand, sequences: [letter!.sequence], service: null, code: null, limit: 1 };
  expect(await sendCommand(bus, redriveCommand, about)).toEqual({ done: [letter!.sequence], gone: [] });
  const [again] = await waitFor(async () => {
    const found = await listDeadLetters(bus, { limit: 10, service: 'aggregator' });
    return found.length > 0 ? found : null;
  });
  expect(again!.sequence).toBeGreaterThan(letter!.sequence);
  expect(await sendCommand(bus, discardCommand, { ...about, sequences: null })).toEqual({
    done: [again!.sequence],
    gone: [],
  });
  expect(await sendCommand(bus, discardCommand, { ...about, sequences: [again!.sequence] })).toEqual({
    done: [],
    gone: [again!.sequence],
  });
  const sql = postgres.connect('aggregator');
  const audit =
    await sql`select action, detail ->> 'payload' as payload from audit where subject like 'dead letter%' order by id`;
  expect([...audit]).toEqual([
    { action: 'redrive', payload: 'no event at all' },
    { action: 'discard', payload: 'no event at all' },
  ]);
});
