import { randomBytes } from 'node:crypto';
import { lstat, readFile, rm, writeFile } from 'node:fs/promises';

/** 256 bits, as `randomBytes` gives them. */
const tokenBytes = 32;
const pattern = /^[\w-]{43}$/;

/**
 * A secret of the stack, which clients show to it: made at the first start, kept in a file for its owner only, the same
 * over restarts. A file that other users could have read or written is replaced.
 */
export async function ownSecret(file: string): Promise<string> {
  const kept = await readKept(file);
  if (kept !== null) return kept;
  const token = randomBytes(tokenBytes).toString('base64url');
  await rm(file, { force: true, recursive: true });
  await writeFile(file, `${token}\n`, { flag: 'wx', mode: 0o600 });
  return token;
}

async function readKept(file: string): Promise<string | null> {
  const stats = await lstat(file).catch(() => null);
  if (!stats?.isFile() || (stats.mode & 0o077) !== 0) return null;
  if (stats.uid !== (process.getuid?.() ?? stats.uid)) return null;
  const token = (await readFile(file, 'utf8')).trim();
  return pattern.test(token) ? token : null;
}
