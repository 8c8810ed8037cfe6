import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileArtifactStore } from '@sluice/artifacts';
import { decodeEnvelope, eventId, makeEvent, pkgRequested, type SluiceEvent } from '@sluice/contracts';
import { connectBus, publishRaw, type Bus } from '@sluice/broker';
import { readEventLog, toMessage } from '@sluice/delivery';
import { createLogger, startService, type RunningService } from '@sluice/runtime';
import { fakeNpmRegistry } from '@sluice/ecosystems/npm/testkit';
import { layOutBroker, testNats } from '@sluice/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { licenseService } from './service.ts';

const nats = await testNats();
const registry = await fakeNpmRegistry();
const log = createLogger('test', 'silent');
let folder: string;
let bus: Bus;
let service: RunningService;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-license-'));
  bus = await connectBus({ url: nats.url, service: 'test', instance: 'test', log });
  await layOutBroker(bus, fileArtifactStore(folder));
  const env = { NATS_URL: nats.url, ARTIFACTS_DIR: folder, NPM_REGISTRY_URL: registry.url };
  service = await startService(licenseService, env, { log });
});
afterAll(async () => {
  await service.stop();
  await bus.close();
  await rm(folder, { recursive: true, force: true });
});

/** Publishes a request for a package version and waits for what becomes of it. */
async function outcomeOf(purl: string): Promise<SluiceEvent> {
  const assessmentId = randomUUID();
  const now = new Date();
  const data = {
    assessmentId,
    purl,
    lane: 'bulk' as const,
    attempt: 1,
    requestedAt: now.toISOString(),
    deadlineAt: now.toISOString(),
  };
  const id = eventId(assessmentId, pkgRequested.type, 1);
  const event = makeEvent(pkgRequested, { id, source: 'test', subject: purl, time: now, data });
  const sequence = await publishRaw(bus, toMessage(event, { lane: 'bulk' }));
  const found = new AbortController();
  let outcome: SluiceEvent | undefined;
  await readEventLog(
    bus,
    { fromSequence: sequence + 1, batchMax: 10, signal: found.signal },
    async (batch) => {
      const events = batch.map(({ payload }) => decodeEnvelope(payload));
      outcome = events.find(
        ({ type, data: of }) =>
          type !== 'pkg.attempt-failed' && (of as { assessmentId: string }).assessmentId === assessmentId,
      );
      if (outcome) found.abort();
    },
  );
  return outcome!;
}

it('answers pkg.requested with pkg.licensed', async () => {
  registry.publish({ name: '@scope/fine', version: '1.0.0', manifest: { license: 'ISC' } });
  expect(await outcomeOf('pkg:npm/%40scope/fine@1.0.0')).toMatchObject({
    type: 'pkg.licensed',
    data: {
      purl: 'pkg:npm/%40scope/fine@1.0.0',
      evidence: { license: { expression: 'ISC', confidence: 'high' } },
    },
  });
});

it('answers with pkg.failed when the version does not exist', async () => {
  expect(await outcomeOf('pkg:npm/nowhere@1.0.0')).toMatchObject({
    type: 'pkg.failed',
    data: { stage: 'license', code: 'registry.version-not-found' },
  });
});

it('is ready, and names the systems that it depends on', async () => {
  const { ready, checks } = await service.health.report();
  expect(ready).toBe(true);
  expect(checks).toMatchObject({ 'artifact store': { ok: true }, 'stage license': { ok: true } });
});
