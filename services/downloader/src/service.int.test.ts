import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  decodeEnvelope,
  eventId,
  makeEvent,
  pkgLicensed,
  statedHashes,
  type PackageFile,
  type SluiceEvent,
} from '@sluice/contracts';
import { fileArtifactStore } from '@sluice/artifacts';
import { connectBus, publishRaw, type Bus } from '@sluice/broker';
import { readEventLog, toMessage } from '@sluice/delivery';
import { createLogger, startService, type RunningService } from '@sluice/runtime';
import { integrityOf } from '@sluice/testkit';
import { fakeNpmRegistry } from '@sluice/ecosystems/npm/testkit';
import { cleanRegistry, evidenceUpTo, layOutBroker, testNats } from '@sluice/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { downloaderService } from './service.ts';

const nats = await testNats();
const registry = await fakeNpmRegistry();
const log = createLogger('test', 'silent');
let folder: string;
let bus: Bus;
let service: RunningService;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-downloader-'));
  bus = await connectBus({ url: nats.url, service: 'test', instance: 'test', log });
  await layOutBroker(bus, fileArtifactStore(folder));
  const env = { NATS_URL: nats.url, ARTIFACTS_DIR: folder, NPM_REGISTRY_URL: registry.url };
  service = await startService(downloaderService, env, { log });
});
afterAll(async () => {
  await service.stop();
  await bus.close();
  await rm(folder, { recursive: true, force: true });
});

/** Publishes the license evidence of a package version and waits for what becomes of it. */
async function outcomeOf(purl: string, file: PackageFile): Promise<SluiceEvent> {
  const assessmentId = randomUUID();
  const now = new Date();
  const evidence = evidenceUpTo('license', { registry: cleanRegistry({ files: [file] }) });
  const data = { assessmentId, purl, lane: 'bulk' as const, attempt: 1, evidence };
  const id = eventId(assessmentId, pkgLicensed.type, 1);
  const event = makeEvent(pkgLicensed, { id, source: 'test', subject: purl, time: now, data });
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

const fileOf = (url: string, integrity: string): PackageFile => ({
  file: 'a.tgz',
  kind: 'tarball',
  platform: null,
  url,
  sizeBytes: null,
  hashes: statedHashes({ integrity, shasum: null }),
});

it('answers pkg.licensed with pkg.downloaded, which carries the evidence along for the scanner', async () => {
  const { tarballUrl, integrity, tarball } = registry.publish({ name: 'fine', version: '1.0.0' });
  expect(await outcomeOf('pkg:npm/fine@1.0.0', fileOf(tarballUrl, integrity))).toMatchObject({
    type: 'pkg.downloaded',
    data: {
      evidence: {
        download: {
          files: [
            {
              file: 'a.tgz',
              status: 'verified',
              sizeBytes: tarball.length,
              verifiedWith: 'sha512',
              weak: false,
            },
          ],
        },
        license: { expression: 'MIT' },
        registry: { files: [{ file: 'a.tgz', url: tarballUrl }] },
      },
    },
  });
});

it('answers with evidence, not with a failure, when the bytes are wrong or absent', async () => {
  const { tarballUrl } = registry.publish({ name: 'wrong', version: '1.0.0' });
  const wrong = fileOf(tarballUrl, integrityOf(Buffer.from('other bytes')));
  expect(await outcomeOf('pkg:npm/wrong@1.0.0', wrong)).toMatchObject({
    type: 'pkg.downloaded',
    data: { evidence: { download: { files: [{ status: 'integrity-failed', artifactDigest: null }] } } },
  });
  const absent = { ...wrong, url: `${registry.url}/absent/-/absent-1.0.0.tgz` };
  expect(await outcomeOf('pkg:npm/absent@1.0.0', absent)).toMatchObject({
    type: 'pkg.downloaded',
    data: { evidence: { download: { files: [{ status: 'missing' }] } } },
  });
});

it('fails a package whose address may not be fetched from', async () => {
  const elsewhere = fileOf('http://169.254.169.254/latest/meta-data', 'sha512-x');
  expect(await outcomeOf('pkg:npm/elsewhere@1.0.0', elsewhere)).toMatchObject({
    type: 'pkg.failed',
    data: { stage: 'download', code: 'egress.forbidden' },
  });
});

it('is ready, and names the systems that it depends on', async () => {
  const { ready, checks } = await service.health.report();
  expect(ready).toBe(true);
  expect(checks).toMatchObject({ 'artifact store': { ok: true }, 'stage download': { ok: true } });
});
