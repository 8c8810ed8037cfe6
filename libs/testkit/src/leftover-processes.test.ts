import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { findLeftoverProcesses, testRunVariable } from './leftover-processes.ts';
import { isTrueWithin } from './wait-for.ts';

const onLinux = it.runIf(process.platform === 'linux');

onLinux('finds and ends a process that outlives the test that started it', async () => {
  const run = randomUUID();
  const env = { ...process.env, [testRunVariable]: run };
  const pid = Number(
    execFileSync('sh', ['-c', 'sleep 1000 >/dev/null 2>&1 & echo $!'], { env, encoding: 'utf8' }),
  );
  expect(await findLeftoverProcesses(run, 0)).toEqual([`process ${pid} was still running: sleep 1000`]);
  expect(await isTrueWithin(5_000, async () => (await findLeftoverProcesses(run, 0)).length === 0)).toBe(
    true,
  );
});

onLinux('leaves the processes of other runs alone', async () => {
  expect(await findLeftoverProcesses(randomUUID(), 0)).toEqual([]);
});
