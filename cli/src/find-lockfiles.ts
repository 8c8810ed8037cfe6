import { readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { intakes } from '@sluice/ecosystems/intake';
import { shadowOf, skippedFolder } from '@sluice/intake';
import { CommandError, exitCodes } from './exit-codes.ts';

/** Repositories with more are vetted folder by folder. */
const lockfilesMax = 500;
const depthMax = 20;
/** Files and folders that are looked at: a large monorepo has as many. */
const entriesMax = 500_000;

export interface FoundLockfiles {
  /** Paths below the folder, in order. */
  files: string[];
  /** Folders that cannot be read: their lockfiles are not known. Links to files outside of the folder: see `leavesFolder`. */
  unreadable: string[];
}

/**
 * Whether a file of a folder is a link to another place, or to none. Folders come from strangers in CI: such a link could have a file of
 * the machine, with its secrets, submitted and shown in a public log.
 */
export async function leavesFolder(file: string, folder: string): Promise<boolean> {
  const [target, root] = await Promise.all([realpath(file).catch(() => null), realpath(folder)]);
  if (target === null) return true;
  const relative = path.relative(root, target);
  return relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative);
}

/**
 * Finds the lockfiles of all ecosystems below a folder, by their names. Installed packages and hidden folders are left out, and links to
 * folders are not followed. A file that its package manager does not read for another one beside it is left out, too.
 * @throws CommandError with exit code 2 when there are more than are looked at: what was not seen is not vetted.
 */
export async function findLockfiles(folder: string): Promise<FoundLockfiles> {
  const kinds = intakes.flatMap(({ formats }) => formats);
  const names = kinds.filter(({ isSubmittedAlone }) => !isSubmittedAlone).map(({ fileName }) => fileName);
  const found: FoundLockfiles = { files: [], unreadable: [] };
  let left = entriesMax;
  const visit = async (place: string, depth: number): Promise<void> => {
    const entries = await readdir(place, { withFileTypes: true }).catch(() => null);
    if (entries === null) {
      found.unreadable.push(place);
      return;
    }
    left -= entries.length;
    if (left < 0 || depth > depthMax)
      throw tooMuch(folder, `more than ${entriesMax} files or ${depthMax} levels`);
    const present = new Set(entries.map(({ name }) => name));
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const file = path.join(place, entry.name);
      if (entry.isDirectory()) {
        if (skippedFolder(entry.name, intakes) === null) await visit(file, depth + 1);
      } else if (names.some((pattern) => pattern.test(entry.name))) {
        const shadow = shadowOf(entry.name, intakes);
        if (shadow !== null && present.has(shadow)) continue;
        if (entry.isSymbolicLink() && (await leavesFolder(file, folder))) {
          found.unreadable.push(file);
          continue;
        }
        found.files.push(file);
        if (found.files.length > lockfilesMax) throw tooMuch(folder, `more than ${lockfilesMax} lockfiles`);
      }
    }
  };
  await visit(folder, 0);
  return found;
}

function tooMuch(folder: string, what: string): CommandError {
  return new CommandError(exitCodes.usage, `${folder} has ${what}.`, 'Vet the folders in it one by one.');
}
