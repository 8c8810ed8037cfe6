import path from 'node:path/posix';
import { localLoads } from '@sluice/inspection/inspect';
import { gypBuilds } from './gyp/gyp-builds.ts';
import type { NpmContents } from './contents.ts';
import { installHooks } from './install-hooks.ts';
import { resolveFile } from './resolve-file.ts';

/** Chains of local files are followed this far: more than any package loads, so that none are hidden behind others. */
const filesMax = 20_000;
/** Files of one name in different folders; more cannot be meant. */
const namesakesMax = 5;

/**
 * Files that run when the package is installed: those that hooks and gyp files name, and those that these load in turn.
 * @returns by file, how many other files lead to it.
 */
export function installFiles(contents: NpmContents): ReadonlyMap<string, number> {
  const namesakes = filesByName(contents);
  const ofHooks = installHooks(contents).flatMap(({ files, verdict, folder }) => [
    ...files,
    ...verdict.code.flatMap(({ text }) =>
      localLoads(text).flatMap((load) => loaded(load, folder, contents, namesakes)),
    ),
  ]);
  const ofBuilds = gypBuilds(contents).flatMap(({ runs }) => runs);
  return closure([...ofHooks, ...ofBuilds], contents, namesakes);
}

/** Files that run when the package is used or installed. */
export function reachableFiles(contents: NpmContents): Set<string> {
  const roots = contents.packages.flatMap(({ folder, manifest }) =>
    [...(manifest?.entryPoints ?? []), '.'].flatMap((entry) => entryFiles(entry, folder, contents)),
  );
  return new Set([
    ...closure(roots, contents, filesByName(contents)).keys(),
    ...installFiles(contents).keys(),
  ]);
}

/** `./lib/*.js` of `exports` stands for every file that fits. */
function entryFiles(entry: string, folder: string, contents: NpmContents): string[] {
  if (!entry.includes('*')) {
    const file = resolveFile(entry, folder, contents);
    return file === null ? [] : [file];
  }
  const [before = '', after = ''] = path.join(folder, entry).split('*');
  return [...contents.files.keys()].filter((file) => file.startsWith(before) && file.endsWith(after));
}

function closure(
  roots: string[],
  contents: NpmContents,
  namesakes: Map<string, string[]>,
): ReadonlyMap<string, number> {
  const found = new Map(roots.map((file) => [file, 0]));
  // A map keeps the order of its entries, and those that are added are visited in turn.
  for (const [file, steps] of found) {
    if (found.size >= filesMax) break;
    for (const load of contents.files.get(file)?.loads ?? []) {
      for (const target of loaded(load, path.dirname(file), contents, namesakes))
        if (!found.has(target)) found.set(target, steps + 1);
    }
  }
  return found;
}

/** A name is meant from the folder of its file or from that of the package; else any file of that name may be meant. */
function loaded(
  load: string,
  folder: string,
  contents: NpmContents,
  namesakes: Map<string, string[]>,
): string[] {
  const target = resolveFile(load, folder === '.' ? '' : folder, contents) ?? resolveFile(load, '', contents);
  if (target !== null) return [target];
  const others = namesakes.get(path.basename(load)) ?? [];
  return others.length <= namesakesMax && /\.\w+$/.test(load) ? others : [];
}

function filesByName({ files }: NpmContents): Map<string, string[]> {
  const byName = new Map<string, string[]>();
  for (const file of files.keys()) {
    const name = path.basename(file);
    const others = byName.get(name);
    if (others) others.push(file);
    else byName.set(name, [file]);
  }
  return byName;
}
