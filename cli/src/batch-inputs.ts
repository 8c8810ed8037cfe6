import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { intakes } from '@sluice/ecosystems/intake';
import { skippedFolder } from '@sluice/intake';
import { CommandError, exitCodes } from './exit-codes.ts';
import { findLockfiles, leavesFolder } from './find-lockfiles.ts';

/** The content of a batch: a zip as it is, or files with their paths. */
export type BatchInput =
  | { kind: 'archive'; filename: string; content: Buffer }
  | { kind: 'files'; files: { path: string; content: Buffer }[] };

/** As many files as a batch may have. */
const filesMax = 500;
/** A text that requirements include has some kilobytes. */
const textMaxBytes = 1024 * 1024;

/**
 * Reads the paths of the command line: one zip, or files and folders. Of a folder the lockfiles are taken, and the texts that
 * requirements in it may include.
 * @throws CommandError with exit code 2 for a path that cannot be read, and for a folder without any lockfile.
 */
export async function readBatchInput(given: readonly string[]): Promise<BatchInput> {
  const [only, ...others] = given;
  if (others.length === 0 && (await isFile(only!)) && /\.zip$/i.test(only!))
    return { kind: 'archive', filename: path.basename(only!), content: await readOne(only!) };
  const files = new Map<string, string>();
  for (const one of given) {
    const found = (await isFile(one)) ? [one] : await filesOfFolder(one);
    for (const file of found) {
      const name = nameOf(file, one, given.length === 1);
      if (files.has(name) && files.get(name) !== file)
        throw wrong(`Two files would be ${name} in the batch.`);
      files.set(name, file);
    }
  }
  if (files.size > filesMax)
    throw wrong(`A batch may have ${filesMax} files, and these are ${files.size}.`, 'Submit fewer at once.');
  const read: { path: string; content: Buffer }[] = [];
  for (const [name, file] of files) read.push({ path: name, content: await readOne(file) });
  return { kind: 'files', files: read };
}

async function isFile(given: string): Promise<boolean> {
  const found = await stat(given).catch((cause: unknown) => {
    throw unreadable(given, cause);
  });
  return !found.isDirectory();
}

async function readOne(file: string): Promise<Buffer> {
  return readFile(file).catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
}

async function filesOfFolder(folder: string): Promise<string[]> {
  const { files, unreadable: places } = await findLockfiles(folder);
  if (places.length > 0)
    throw wrong(
      `${places[0]} cannot be read, or is a link to a place outside of ${folder}.`,
      'What is in it would be left out: make it readable, or a file of its own.',
    );
  if (files.length === 0)
    throw wrong(`${folder} has no lockfile.`, 'SBOMs and lists are submitted by their own paths.');
  const includes = files.some((file) => /\.(?:txt|in)$/i.test(file)) ? await textsOf(folder, folder) : [];
  return [...new Set([...files, ...includes])];
}

/** Small texts below a folder, without installed packages, hidden folders, and links to other places than the root. */
async function textsOf(folder: string, root: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      if (skippedFolder(entry.name, intakes) === null) found.push(...(await textsOf(file, root)));
    } else if (/\.(?:txt|in)$/i.test(entry.name)) {
      if (entry.isSymbolicLink() && (await leavesFolder(file, root))) continue;
      if ((await stat(file)).size <= textMaxBytes) found.push(file);
    }
  }
  return found;
}

/** The path of a file in the batch: from the folder that was named alone, from the working folder otherwise. */
function nameOf(file: string, given: string, isAlone: boolean): string {
  const from = isAlone && file !== given ? given : '.';
  const relative = path.relative(from, file).split(path.sep).join('/');
  return relative.startsWith('../') || path.isAbsolute(relative) ? path.basename(file) : relative;
}

function unreadable(file: string, cause: unknown): CommandError {
  const { code } = cause as NodeJS.ErrnoException;
  const what = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
  return wrong(`${file} ${what}.`, 'Give paths of files, of folders, or of one zip.', cause);
}

function wrong(message: string, remedy?: string, cause?: unknown): CommandError {
  return new CommandError(exitCodes.usage, message, remedy, { cause });
}
