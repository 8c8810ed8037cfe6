import { PoisonError, pkgDownloaded, pkgLicensed, uuidV7 } from '@sluice/contracts';
import { connectBus, ensureTopology, publish, type Bus } from '@sluice/broker';
import { listDeadLetters, removeDeadLetter, toMessage } from '@sluice/delivery';
import { startStage } from '@sluice/stages';
import { createLogger } from '@sluice/runtime';
import { exampleEvent, testNats, testPostgres, testService, waitFor } from '@sluice/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { reconcile } from './reconcile.ts';
import { aggregatorMigrations } from '../service.ts';
import { ensureStageConsumers, testDeps } from '../../test/aggregator-kit.ts';

const nats = await testNats();
const postgres = await testPostgres(aggregatorMigrations);
const sql = postgres.connect('aggregator');
const log = createLogger('test', 'silent');
let bus: Bus;
const now = new Date('2026-03-01T09:30:00Z');
const deps = testDeps(sql, { now: () => now, attemptsMax: 1 });

beforeAll(async () => {
  bus = await connectBus({ url: nats.url, service: 'test', instance: 't', log });
  await ensureTopology(bus);
  await ensureStageConsumers(bus);
});
afterAll(() => bus.close());

it('an assessment whose message waits for an upgrade is neither stuck nor redriven', async () => {
  const assessmentId = uuidV7();
  const purl = 'pkg:npm/early@1.0.0';
  await sql`
    insert into assessments (id, purl, lane, stage, late_mark, traceparent, requested_at, deadline_at)
    values (${assessmentId}, ${purl}, 'bulk', 'download', 1, 't', ${now}, ${new Date(now.getTime() - 1)})`;
  const event = exampleEvent('pkg.licensed', { assessmentId, purl, lane: 'bulk' });
  await publish(bus, toMessage({ ...event, dataversion: pkgLicensed.version + 1 }, { lane: 'bulk' }));
  const service = testService();
  await startStage(
    bus,
    {
      name: 'download',
      service: 'downloader',
      consumes: pkgLicensed,
      emits: pkgDownloaded,
      limits: { concurrency: 4, attemptsMax: 1, ackWaitMs: 30_000, deadlineMs: 30_000 },
      gather: () =>
        Promise.reject(new PoisonError('internal', 'It is of a version that this stage does not know.')),
      decide: () => ({}) as never,
    },
    undefined,
    service,
  );
  const letter = await waitFor(async () => (await listDeadLetters(bus, { kind: 'parked', limit: 1 }))[0]);
  await service.stop();
  expect(await reconcile(bus, deps)).toEqual({ redriven: 0, failed: 0 });

  // Discarded, it is nobody's any more, and is looked after as any other.
  await removeDeadLetter(bus, letter.sequence);
  await removeDeadLetter(bus, letter.sequence);
  await sql`update assessments set deadline_at = ${new Date(now.getTime() - 1)}`;
  expect(await reconcile(bus, deps)).toEqual({ redriven: 0, failed: 1 });
});
