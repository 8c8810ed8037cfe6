import { stat } from 'node:fs/promises';
import path from 'node:path';
import { intakes } from '@sluice/ecosystems/intake';
import { isDocument } from '@sluice/intake';
import { refuseOtherManifest } from './compare-manifest.ts';
import { refuseOtherRegistry } from './compare-registries.ts';
import { CommandError, exitCodes } from './exit-codes.ts';
import { findLockfiles } from './find-lockfiles.ts';
import { readLockfile, readStdin } from './read-lockfile.ts';

/** A file to vet, or the reason that it cannot be. */
export type VetInput =
  | {
      /** As it is shown. */
      path: string;
      /** As the request names it; none for a file that is piped in. */
      filename: string | undefined;
      content: Buffer;
    }
  | { path: string; error: CommandError };

export interface VetInputs {
  inputs: VetInput[];
  /** Whether the results are those of a folder. */
  isFolder: boolean;
}

/**
 * The files to vet: one, one that is piped in (`-`), or each lockfile of a folder.
 * @param format of the file, as a person names it.
 * @throws CommandError with exit code 2 for a path that is none of these. Of a folder, a file that cannot be vetted is in the list.
 */
export async function readInputs(given: string, format: string | undefined): Promise<VetInputs> {
  if (given === '-') {
    // Nothing is known of files beside it: as for the API, it is judged alone.
    return { inputs: [{ path: '-', filename: undefined, content: await readStdin() }], isFolder: false };
  }
  const isFolder = await stat(given).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) return { inputs: [await readInput(given, path.basename(given), format)], isFolder };
  if (format !== undefined)
    throw new CommandError(
      exitCodes.usage,
      `${given} is a folder.`,
      '--input-format is for one file: give its path.',
    );
  return { inputs: await readFolder(given), isFolder };
}

async function readFolder(folder: string): Promise<VetInput[]> {
  const { files, unreadable } = await findLockfiles(folder);
  if (files.length === 0 && unreadable.length === 0) {
    throw new CommandError(
      exitCodes.usage,
      `${folder} has no lockfile.`,
      '`npm install --package-lock-only` makes one of a package.json. SBOMs and lists are vetted by their own paths.',
    );
  }
  const inputs: VetInput[] = unreadable.map((place) => ({
    path: place,
    error: new CommandError(
      exitCodes.usage,
      `${place} cannot be read, or is a link to a place outside of ${folder}.`,
      'Make it readable or a file of its own, or leave it out.',
    ),
  }));
  for (const file of files) {
    const name = path.relative(folder, file).split(path.sep).join('/');
    try {
      inputs.push(await readInput(file, name, undefined));
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      inputs.push({ path: file, error });
    }
  }
  return inputs;
}

/** A file, compared with the files beside it that its package manager reads as well. */
async function readInput(file: string, filename: string, format: string | undefined): Promise<VetInput> {
  const content = await readLockfile(file);
  if (!isDocument(content, { intakes, filename, format: format ?? null })) {
    await refuseOtherManifest(file, content);
    await refuseOtherRegistry(file, content);
  }
  return { path: file, filename, content };
}
