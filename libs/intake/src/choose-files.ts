import type { FileKind, Intake } from './format.ts';
import { documentFormats } from './documents/document-formats.ts';

/** Why a file among others is not read. Stable codes; docs/batches.md explains each. */
export type IgnoredCode =
  | 'file.installed'
  | 'file.hidden'
  | 'file.too-deep'
  | 'file.shadowed'
  | 'file.archive'
  | 'file.other'
  | 'file.name-unreadable';

export interface Ignored {
  code: IgnoredCode;
  message: string;
}

/** What is done with a file among others. `offer`: it is read if its content tells what it is. */
export type FileChoice = { kind: 'read' } | { kind: 'offer' } | { kind: 'ignore'; reason: Ignored };

export interface ChooseOptions {
  intakes: readonly Intake[];
  /** Folders above a file, at most; deeper ones are ignored. */
  depthMax: number;
  /** Whether documents such as SBOMs are looked for by their names as well, and files of other names offered. */
  isContentRead: boolean;
}

/** Kinds of text that a lockfile, an SBOM or a list may have under a name of its own. */
const offeredEndings = /\.(?:json|jsonc|lock|ya?ml|toml|txt|xml|spdx|cdx|hcl|purls?|list)$/i;
const archiveEndings = /\.(?:zip|tgz|tar|tar\.[a-z0-9]+|gz|bz2|xz|zst|7z|rar|jar|war|whl)$/i;

/**
 * Chooses among the files of an upload, a folder or a repository those that are read. Pure.
 * @param paths with slashes, from one root.
 * @returns one choice for each path, in their order.
 */
export function chooseFiles(paths: readonly string[], options: ChooseOptions): FileChoice[] {
  const all = new Set(paths);
  const kinds = kindsOf(options);
  return paths.map((file) => {
    const parts = file.split('/');
    const name = parts.at(-1)!;
    const folders = parts.slice(0, -1);
    const skipped = folders
      .map((folder) => skippedFolder(folder, options.intakes))
      .find((why) => why !== null);
    if (skipped) return ignore(skipped);
    if (folders.length > options.depthMax)
      return ignore({
        code: 'file.too-deep',
        message: `It lies below more than ${options.depthMax} folders.`,
      });
    if (kinds.some(({ fileName }) => fileName.test(name))) {
      const by = shadowOf(name, options.intakes);
      const isShadowed = by !== null && all.has([...folders, by].join('/'));
      if (!isShadowed) return { kind: 'read' };
      return ignore({
        code: 'file.shadowed',
        message: `Its package manager reads the ${by} beside it, and not it.`,
      });
    }
    if (archiveEndings.test(name))
      return ignore({
        code: 'file.archive',
        message: 'It is an archive; those within others are not opened.',
      });
    if (options.isContentRead && offeredEndings.test(name)) return { kind: 'offer' };
    return ignore({
      code: 'file.other',
      message: 'Its name is none that a lockfile, an SBOM or a list has.',
    });
  });
}

/** Why no file below a folder of this name is read; null when they are. */
export function skippedFolder(folder: string, intakes: readonly Intake[]): Ignored | null {
  if (intakes.some(({ installedFolders }) => installedFolders.includes(folder)))
    return { code: 'file.installed', message: `It is part of an installed package, in ${folder}.` };
  if (folder.startsWith('.') && folder !== '.')
    return { code: 'file.hidden', message: 'It lies in a hidden folder.' };
  return null;
}

/** The file that a package manager reads in place of this one, where both lie beside each other; null for none. */
export function shadowOf(name: string, intakes: readonly Intake[]): string | null {
  for (const { shadows } of intakes) if (Object.hasOwn(shadows, name)) return shadows[name]!;
  return null;
}

function kindsOf({ intakes, isContentRead }: ChooseOptions): FileKind[] {
  return [...intakes.flatMap(({ formats }) => formats), ...(isContentRead ? documentFormats : [])];
}

function ignore(reason: Ignored): FileChoice {
  return { kind: 'ignore', reason };
}
