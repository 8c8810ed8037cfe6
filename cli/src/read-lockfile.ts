import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { CommandError, exitCodes } from './exit-codes.ts';

/** More than any gateway takes; its own limit is smaller, and says so. */
const stdinMaxBytes = 1024 * 1024 * 1024;

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
  try {
    return await readFile(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const what = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    throw new CommandError(exitCodes.usage, `${file} ${what}.`, 'Give the path of a lockfile.', {
      cause,
    });
  }
}

/** Reads a file that is piped in. @throws CommandError with exit code 2 for one that has no end. */
export async function readStdin(stream: AsyncIterable<Buffer | string> = process.stdin): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stream) {
    const bytes = Buffer.from(part);
    size += bytes.length;
    if (size > stdinMaxBytes)
      throw new CommandError(
        exitCodes.usage,
        'The input is larger than any lockfile.',
        'Pipe one lockfile in.',
      );
    parts.push(bytes);
  }
  return Buffer.concat(parts);
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
