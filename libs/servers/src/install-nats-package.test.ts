import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { installNatsPackage } from './install-nats-package.ts';

const base = await mkdtemp(join(tmpdir(), 'sluice-apt-'));
afterAll(() => rm(base, { recursive: true }));

/** Programs in a PATH of their own stand for the operating system's. */
async function fakeApt(aptGet: string, dpkg = 'exit 1'): Promise<NodeJS.ProcessEnv> {
  const folder = await mkdtemp(join(base, 'bin-'));
  const script = (body: string) =>
    `#!/bin/sh\necho "$0 $*" >> ${folder}/calls\n[ "$1" = --version ] && exit 0\n${body}\n`;
  await writeFile(join(folder, 'apt-get'), script(aptGet), { mode: 0o755 });
  await writeFile(join(folder, 'dpkg'), script(dpkg), { mode: 0o755 });
  return { PATH: `${folder}:/usr/bin:/bin`, CALLS: join(folder, 'calls') };
}

it('unpacks the package under the state folder for those who may not install it', async () => {
  const env = await fakeApt(
    'touch nats-server_2.9.10_amd64.deb',
    'mkdir -p usr/sbin && touch usr/sbin/nats-server',
  );
  const tools = await mkdtemp(join(base, 'tools-'));
  const program = await installNatsPackage(env, tools, () => undefined, { isRoot: false });
  expect(program).toBe(join(tools, 'nats-server-package', 'usr', 'sbin', 'nats-server'));
});

it('updates the package lists and tries again when root cannot install at once', async () => {
  const env = await fakeApt('echo "E: Unable to locate package nats-server" >&2; exit 100');
  const steps: string[] = [];
  const failure = installNatsPackage(env, base, (line) => steps.push(line), { isRoot: true });
  await expect(failure).rejects.toThrow('Unable to locate package nats-server');
  const calls = (await readFile(env['CALLS'] as string, 'utf8'))
    .split('\n')
    .map((line) => line.split(' ')[1]);
  expect(calls).toEqual(['--version', 'install', 'update', undefined]);
  expect(steps).toEqual([expect.stringContaining('Installing'), expect.stringContaining('Updating')]);
});
