import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, expect, it } from 'vitest';
import { readLockfile, readStdin } from './read-lockfile.ts';

const folder = await mkdtemp(path.join(tmpdir(), 'sluice-lockfile-'));
afterAll(() => rm(folder, { recursive: true }));

async function project(name: string, ...files: string[]): Promise<string> {
  const made = path.join(folder, name);
  await mkdir(made);
  for (const file of files) await writeFile(path.join(made, file), JSON.stringify({ file }));
  return made;
}

it('reads the file', async () => {
  const made = await project('whole', 'package-lock.json');
  expect(String(await readLockfile(path.join(made, 'package-lock.json')))).toContain('package-lock.json');
});

it.each([
  ['https://registry.example/package-lock.json', /is an address/, /Fetch it first/],
  ['no-such-file', /does not exist/, /Give the path/],
])('says what %s is', async (given, message, remedy) => {
  await expect(readLockfile(given)).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(message) as string,
    remedy: expect.stringMatching(remedy) as string,
  });
});

it('reads a file that is piped in', async () => {
  expect(String(await readStdin(Readable.from([Buffer.from('ab'), 'c'])))).toBe('abc');
});

it('refuses a package-lock.json that npm does not read, since a shrinkwrap is beside it', async () => {
  const made = await project('shadowed', 'package-lock.json', 'npm-shrinkwrap.json');
  await expect(readLockfile(path.join(made, 'package-lock.json'))).rejects.toMatchObject({ exitCode: 2 });
  expect(String(await readLockfile(path.join(made, 'npm-shrinkwrap.json')))).toContain('npm-shrinkwrap.json');
});
