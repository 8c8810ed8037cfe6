import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findPromtool } from './find-promtool.ts';

let folder: string;
let tools: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-promtool-'));
  tools = join(folder, 'tools');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function program(path: string, text = ''): Promise<string> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${text}`);
  await chmod(path, 0o755);
  return path;
}

it('takes the one that is named, then PATH, then what an earlier run got', async () => {
  const kept = await program(join(tools, 'promtool'));
  expect(await findPromtool({ env: {}, toolsFolder: tools })).toBe(kept);
  const installed = await program(join(folder, 'bin', 'promtool'));
  const env = { PATH: `/nowhere:${join(folder, 'bin')}` };
  expect(await findPromtool({ env, toolsFolder: tools })).toBe(installed);
  const named = await program(join(folder, 'mine'));
  expect(await findPromtool({ env: { ...env, SLUICE_PROMTOOL: named }, toolsFolder: tools })).toBe(named);
});

it('unpacks it from the package, and leaves nothing else behind', async () => {
  const bin = join(folder, 'bin');
  await program(join(bin, 'apt-get'), `[ "$1" = download ] && /bin/touch prometheus_2_amd64.deb || true`);
  await program(
    join(bin, 'dpkg'),
    '/bin/mkdir -p usr/bin && echo tool > usr/bin/promtool && /bin/chmod 755 usr/bin/promtool',
  );
  expect(await findPromtool({ env: { PATH: bin }, toolsFolder: tools })).toBe(join(tools, 'promtool'));
  expect(await readdir(tools)).toEqual(['promtool']);
});

it('says that it cannot be had, and why', async () => {
  const lines: string[] = [];
  const onStep = (line: string) => void lines.push(line);
  expect(await findPromtool({ env: { PATH: '/nowhere' }, toolsFolder: tools, onStep })).toBeNull();
  const bin = join(folder, 'bin');
  await program(join(bin, 'apt-get'), `[ "$1" = --version ] || { echo 'E: no such package' >&2; exit 100; }`);
  expect(await findPromtool({ env: { PATH: bin }, toolsFolder: tools, onStep })).toBeNull();
  expect(lines.join('\n')).toMatch(/no apt-get\. SLUICE_PROMTOOL[\s\S]*no such package\. SLUICE_PROMTOOL/);
  expect(await readdir(tools)).toEqual([]);
});
