import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileArtifactStore, type ArtifactStore } from '@sluice/artifacts';
import { buildWorkspace, packageTarball, testPostgres } from '@sluice/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { digestOf, downloaded } from '../test/builders.ts';
import { importAdvisories } from './advisories/import-advisories.ts';
import { gatherScan, type ScannerDeps } from './gather.ts';
import { scannerMigrations } from './migrations.ts';
import { assessments, inspectionChild } from '@sluice/ecosystems/assessment';
import { names } from '@sluice/ecosystems/names';
import { createInspector } from '@sluice/inspection';

const db = await testPostgres(scannerMigrations);
const sql = db.connect('scanner');
const ecosystemsOf = (rulesVersion: string) =>
  new Map(assessments.map((one) => [one.type, { ...one, rulesVersion }]));
const inspector = createInspector({ entry: inspectionChild, size: 1 });
const { signal } = new AbortController();
let folder: string;
let artifacts: ArtifactStore;
let deps: ScannerDeps;
let metadataDigest: string;

beforeAll(async () => {
  await buildWorkspace('ecosystems');
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-scanner-'));
  artifacts = fileArtifactStore(path.join(folder, 'artifacts'));
  deps = { sql, artifacts, inspector, names, ecosystems: ecosystemsOf('test') };
  ({ digest: metadataDigest } = await artifacts.put(Buffer.from('{"name":"a","version":"1.0.0"}')));
});
afterAll(async () => {
  await inspector.close();
  await rm(folder, { recursive: true });
});

async function eventFor(files: Record<string, string>) {
  const { digest } = await artifacts.put(packageTarball(files));
  return downloaded({ registry: { metadataDigest }, file: { artifactDigest: digest } });
}

test('an archive is scanned once for any number of assessments', async () => {
  const event = await eventFor({ 'package.json': '{"name":"a","version":"1.0.0"}' });
  const first = await gatherScan(event, deps, signal);
  expect(first).toMatchObject({ scans: [{ report: { status: 'scanned' } }], registered: { name: 'a' } });
  // A sandbox that cannot work shows that it was not asked.
  const broken = { ...deps, inspector: { ...inspector, run: () => Promise.reject(new Error('asked')) } };
  expect((await gatherScan(event, broken, signal)).scans).toEqual(first.scans);
  await expect(gatherScan(event, { ...broken, ecosystems: ecosystemsOf('newer') }, signal)).rejects.toThrow(
    'asked',
  );
});

test('a report that was lost is made again', async () => {
  const event = await eventFor({ 'package.json': '{"name":"a","version":"1.0.0"}', 'lost.js': '' });
  const { scans } = await gatherScan(event, deps, signal);
  const hex = scans[0]!.digest!.slice('sha256:'.length);
  const files = await readdir(folder, { recursive: true });
  await writeFile(
    path.join(
      folder,
      files.find((file) => file.endsWith(hex) || file.endsWith(hex.slice(4)))!,
    ),
    'damaged',
  );
  expect((await gatherScan(event, deps, signal)).scans).toEqual(scans);
});

test('advisories are matched each time, also where there are no bytes', async () => {
  const event = await eventFor({ 'package.json': '{"name":"a","version":"1.0.0"}' });
  const without = downloaded({
    registry: { metadataDigest },
    file: { status: 'missing', artifactDigest: null },
  });
  expect(await gatherScan(without, deps, signal)).toMatchObject({
    scans: [null],
    advisories: { status: 'missing' },
  });
  const records = await mkdtemp(path.join(folder, 'osv-'));
  const affected = [{ package: { ecosystem: 'npm', name: 'a' }, versions: ['1.0.0'] }];
  await writeFile(path.join(records, 'X-1.json'), JSON.stringify({ id: 'X-1', modified: '', affected }));
  await importAdvisories(sql, records, { ecosystems: names });
  for (const each of [without, event]) {
    expect((await gatherScan(each, deps, signal)).advisories).toMatchObject({
      status: 'matched',
      matches: [{ id: 'X-1' }],
    });
  }
});

test('bytes that are gone fail the stage and are not a verdict', async () => {
  const gone = downloaded({ registry: { metadataDigest }, file: { artifactDigest: digestOf('0') } });
  await expect(gatherScan(gone, deps, signal)).rejects.toMatchObject({ code: 'artifact.missing' });
});
