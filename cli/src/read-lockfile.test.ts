import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readLockfile } from './read-lockfile.ts';

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

it('names the lockfile of a folder, and says so when there is none', async () => {
  const both = await project('both', 'package-lock.json', 'npm-shrinkwrap.json');
  const none = await project('none');
  const remedyOf = (given: string) =>
    readLockfile(given).then(
      () => 'read',
      (error: { remedy: string }) => error.remedy,
    );
  expect(await remedyOf(both)).toBe(`Give ${path.join(both, 'npm-shrinkwrap.json')}.`);
  expect(await remedyOf(none)).toContain('npm install --package-lock-only');
});

it('refuses a package-lock.json that npm does not read, since a shrinkwrap is beside it', async () => {
  const made = await project('shadowed', 'package-lock.json', 'npm-shrinkwrap.json');
  await expect(readLockfile(path.join(made, 'package-lock.json'))).rejects.toMatchObject({ exitCode: 2 });
  expect(String(await readLockfile(path.join(made, 'npm-shrinkwrap.json')))).toContain('npm-shrinkwrap.json');
});
