import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { childRecords } from './child-records.ts';

const folder = await mkdtemp(join(tmpdir(), 'sluice-records-'));
afterAll(() => rm(folder, { recursive: true }));

it('ends a process that an earlier run left, also when it ignores SIGTERM', async () => {
  const file = join(folder, 'stubborn.json');
  const child = spawn('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 0.1; done'], {
    stdio: 'pipe',
  });
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  await childRecords(file).add('stubborn', child.pid as number);

  const records = childRecords(file);
  expect(await records.endLeftovers({ graceMs: 50 })).toMatchObject([{ name: 'stubborn', pid: child.pid }]);
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(await records.alive()).toEqual([]);
});

it('leaves a process alone that only got the same id', async () => {
  const file = join(folder, 'recycled.json');
  await writeFile(
    file,
    JSON.stringify([
      { name: 'gone', pid: process.pid, identity: 'an earlier process', stopSignal: 'SIGTERM' },
    ]),
  );
  expect(await childRecords(file).endLeftovers({ graceMs: 50 })).toEqual([]);
});

it('knows of nothing when the file is cut short', async () => {
  const file = join(folder, 'cut.json');
  await writeFile(file, '[{"na');
  expect(await childRecords(file).alive()).toEqual([]);
});

it('keeps all of several children that start at once', async () => {
  const records = childRecords(join(folder, 'many.json'));
  await Promise.all(['a', 'b', 'c'].map((name) => records.add(name, process.pid)));
  expect((await records.alive()).map(({ name }) => name).toSorted()).toEqual(['a', 'b', 'c']);
  await records.remove(process.pid);
  expect(await records.alive()).toEqual([]);
});
