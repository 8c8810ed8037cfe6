import { chmod, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ownSecret } from './own-secret.ts';

const folder = await mkdtemp(join(tmpdir(), 'sluice-token-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
const fileOf = (name: string) => join(folder, name);

it('a token has 256 bits, is for its owner only and stays the same', async () => {
  const token = await ownSecret(fileOf('kept'));
  expect(Buffer.from(token, 'base64url')).toHaveLength(32);
  expect((await stat(fileOf('kept'))).mode & 0o777).toBe(0o600);
  expect(await ownSecret(fileOf('kept'))).toBe(token);
  expect(await ownSecret(fileOf('another'))).not.toBe(token);
});

it('a token that other users could read is replaced', async () => {
  const token = await ownSecret(fileOf('open'));
  await chmod(fileOf('open'), 0o644);
  expect(await ownSecret(fileOf('open'))).not.toBe(token);
  expect((await stat(fileOf('open'))).mode & 0o777).toBe(0o600);
});

it.each([
  ['empty', ''],
  ['short', 'abc'],
  ['of two lines', `${'a'.repeat(43)}\n${'b'.repeat(43)}`],
])('a file that is %s gives no token', async (name, content) => {
  await writeFile(fileOf(name), content, { mode: 0o600 });
  expect(await ownSecret(fileOf(name))).toMatch(/^[\w-]{43}$/);
});

it('a link is replaced, and its target left alone', async () => {
  const token = await ownSecret(fileOf('target'));
  await symlink(fileOf('target'), fileOf('link'));
  expect(await ownSecret(fileOf('link'))).not.toBe(token);
  expect((await readFile(fileOf('target'), 'utf8')).trim()).toBe(token);
});
