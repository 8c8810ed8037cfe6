import { randomBytes } from 'node:crypto';
import { lstat, readFile, rm, writeFile } from 'node:fs/promises';

export interface SecretForm {
  create: () => string;
  /** Of the whole text; a file with another one is replaced. */
  pattern: RegExp;
}

/** 256 bits, as `randomBytes` gives them. */
const token: SecretForm = {
  create: () => randomBytes(32).toString('base64url'),
  pattern: /^[\w-]{43}$/,
};

/**
 * A secret of an installation: made when it is first asked for, kept in a file for its owner only, the same from then on.
 * A file that other users could have read or written is replaced.
 * @param form a token unless given.
 */
export async function ownSecret(file: string, { create, pattern }: SecretForm = token): Promise<string> {
  const kept = await readKept(file, pattern);
  if (kept !== null) return kept;
  const secret = create();
  await rm(file, { force: true, recursive: true });
  await writeFile(file, `${secret}\n`, { flag: 'wx', mode: 0o600 });
  return secret;
}

async function readKept(file: string, pattern: RegExp): Promise<string | null> {
  const stats = await lstat(file).catch(() => null);
  if (!stats?.isFile() || (stats.mode & 0o077) !== 0) return null;
  if (stats.uid !== (process.getuid?.() ?? stats.uid)) return null;
  const secret = (await readFile(file, 'utf8')).trim();
  return pattern.test(secret) ? secret : null;
}
