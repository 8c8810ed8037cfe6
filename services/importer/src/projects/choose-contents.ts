import { chooseFiles, skippedFolder, type Intake } from '@sluice/intake';
import { depthMax, lockfilesMax } from '../batches/open-files.ts';
import { isIncludable } from '../batches/read-texts.ts';
import type { TreeFile } from '../git/repository.ts';

/** Manifests that are looked at for frameworks, and texts that others may include. */
const manifestsMax = 200;
const textsMax = 1_000;

export interface Contents {
  /** Plain files that are no part of an installed package. */
  own: readonly TreeFile[];
  /** Files that are read, each once. */
  chosen: readonly TreeFile[];
  /** Paths of manifests among them. */
  manifests: ReadonlySet<string>;
}

/** Chooses among the files of a commit those whose contents are fetched: lockfiles by name, texts that they may include, manifests, the plan. Pure. */
export function chooseContents(
  tree: readonly TreeFile[],
  { intakes, plan }: { intakes: readonly Intake[]; plan: readonly string[] },
): Contents {
  const files = tree.filter(({ kind }) => kind === 'file');
  const own = files.filter(({ path }) => !isSkipped(path, intakes));
  const choices = chooseFiles(
    files.map(({ path }) => path),
    { intakes, depthMax, isContentRead: false },
  );
  // One more than may be read, so that it is refused for their number.
  const lockfiles = files.filter((_, at) => choices[at]!.kind === 'read').slice(0, lockfilesMax + 1);
  const manifests = own.filter(({ path }) => isManifest(path, intakes)).slice(0, manifestsMax);
  const texts = lockfiles.some(({ path }) => isIncludable(path))
    ? own.filter(({ path }) => isIncludable(path)).slice(0, textsMax)
    : [];
  const planned = files.filter(({ path }) => plan.includes(path));
  const chosen = [...new Set([...lockfiles, ...manifests, ...texts, ...planned])];
  return { own, chosen, manifests: new Set(manifests.map(({ path }) => path)) };
}

function isSkipped(path: string, intakes: readonly Intake[]): boolean {
  const folders = path.split('/').slice(0, -1);
  // Hidden folders have the files of tools.
  return folders.some((folder) => skippedFolder(folder, intakes)?.code === 'file.installed');
}

function isManifest(path: string, intakes: readonly Intake[]): boolean {
  const name = path.split('/').at(-1)!;
  return intakes.some(({ marks }) => marks?.manifest.fileName.test(name) ?? false);
}
