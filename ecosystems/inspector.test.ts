import { createInspector, type Inspector } from '@sluice/inspection';
import { buildWorkspace, chunksOf, packageTarball } from '@sluice/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inspectionChild } from './assessment.ts';

const npm = { task: 'npm' };
let inspector: Inspector;
beforeAll(async () => {
  await buildWorkspace('ecosystems');
  inspector = createInspector({ entry: inspectionChild, size: 1 });
});
afterAll(() => inspector.close());

const open = (bytes: Buffer) => async () => chunksOf(bytes, 10_000);
const tarball = packageTarball({
  'package.json': '{"name":"a","version":"1.0.0"}',
  'index.js': 'module.exports = 1;',
});

test('archives are inspected in a child, also after one that is refused early', async () => {
  const scanned = { status: 'scanned', entryCount: 2, manifest: { name: 'a' }, findings: [] };
  expect(await inspector.run(open(tarball), npm)).toMatchObject(scanned);
  expect(await inspector.run(open(Buffer.alloc(2_000_000, 'junk')), npm)).toMatchObject({
    status: 'unscannable',
    reason: 'archive.not-an-archive',
  });
  expect(await inspector.run(open(tarball), npm)).toMatchObject(scanned);
});

test('an archive that its children cannot finish in time is unscannable', async () => {
  const hurried = createInspector({ entry: inspectionChild, size: 1, cpuMs: 0, cpuMsPerMegabyte: 0 });
  const report = await hurried.run(open(tarball), npm);
  await hurried.close();
  expect(report).toMatchObject({ status: 'unscannable', reason: 'scanner.child-failed' });
});
