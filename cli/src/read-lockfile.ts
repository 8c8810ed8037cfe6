import { access, readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { CommandError, exitCodes } from './exit-codes.ts';

/** In the order in which they are looked for in a folder: for npm, a shrinkwrap counts before a lockfile beside it. */
const lockfiles = ['npm-shrinkwrap.json', 'package-lock.json', 'pnpm-lock.yaml', 'yarn.lock'];

/**
 * Reads the lockfile at a path given on the command line.
 * @throws CommandError with exit code 2 that says why the path is no lockfile, and names a path to give instead.
 */
export async function readLockfile(file: string): Promise<Buffer> {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(file)) {
    throw new CommandError(
      exitCodes.usage,
      `${file} is an address, not a file.`,
      'Fetch it first, and give the path of the lockfile.',
    );
  }
  await refuseShadowed(file);
  return readBytes(file);
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EISDIR') throw await folderError(file, cause);
    const what = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    throw new CommandError(exitCodes.usage, `${file} ${what}.`, 'Give the path of a lockfile.', {
      cause,
    });
  }
}

/** npm does not look at a package-lock.json that has a shrinkwrap beside it: judging it would say nothing. */
async function refuseShadowed(file: string): Promise<void> {
  if (path.basename(file) !== 'package-lock.json') return;
  const shrinkwrap = path.join(path.dirname(file), 'npm-shrinkwrap.json');
  const isThere = await access(shrinkwrap).then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  throw new CommandError(
    exitCodes.usage,
    `npm installs from the npm-shrinkwrap.json beside ${file}, and does not read this one.`,
    `Give ${shrinkwrap} instead.`,
  );
}

async function folderError(folder: string, cause: unknown): Promise<CommandError> {
  const names: string[] = await readdir(folder).catch(() => []);
  const found = lockfiles.find((name) => names.includes(name));
  const remedy = found
    ? `Give ${path.join(folder, found)}.`
    : 'It has no lockfile; `npm install --package-lock-only` makes one of a package.json.';
  return new CommandError(exitCodes.usage, `${folder} is a folder.`, remedy, { cause });
}
