import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { platformSchema } from '@sluice/contracts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { currentPlatform } from './current-platform.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-platform-'));
});
afterEach(() => rm(folder, { recursive: true }));
const lockfile = () => path.join(folder, 'package-lock.json');

it('is one that a submission may name', async () => {
  const platform = await currentPlatform(lockfile());
  expect(platform.startsWith(`${process.platform}-${process.arch}`)).toBe(true);
  expect(platformSchema.safeParse(platform).success).toBe(true);
});

it.each([
  ['.npmrc', 'os=win32'],
  ['.npmrc', 'save=true\r\n cpu = arm64'],
  ['.npmrc', 'libc=musl'],
  ['.npmrc', 'force=true'],
  ['.npmrc', '"o\\u0073"=win32'],
  ['.yarnrc.yml', 'supportedArchitectures:\n  os: [current, win32]\n'],
  ['.yarnrc.yml', '"\\x73upportedArchitectures":\n  os: [win32]\n'],
  ['pnpm-workspace.yaml', 'supportedArchitectures: {os: [darwin]}\n'],
  ['package.json', '{"pnpm":{"supportedArchitectures":{"os":["win32"]}}}'],
  ['package.json', '{"pnpm":{"\\u0073upportedArchitectures":{"os":["win32"]}}}'],
])('is refused beside %s with %j', async (name, text) => {
  await writeFile(path.join(folder, name), text);
  await expect(currentPlatform(lockfile())).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining(name) as string,
    remedy: expect.stringContaining('--platform all') as string,
  });
});

it.each([
  ['.npmrc', '; os=win32\nsave-exact=true\naudit=false'],
  ['.yarnrc.yml', 'nodeLinker: node-modules\n'],
  ['package.json', '{"name":"app","scripts":{"t":"grep \\"a\\\\xb\\" x"},"os":["linux"]}'],
])('is told beside %s with %j', async (name, text) => {
  await writeFile(path.join(folder, name), text);
  await expect(currentPlatform(lockfile())).resolves.toContain(process.platform);
});
