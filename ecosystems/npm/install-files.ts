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

/** Files that run when the package is installed: those that hooks and gyp files name, and those that these load in turn. */
export function installFiles(contents: NpmContents): Set<string> {
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
  return new Set([...closure(roots, contents, filesByName(contents)), ...installFiles(contents)]);
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

function closure(roots: string[], contents: NpmContents, namesakes: Map<string, string[]>): Set<string> {
  const found = new Set<string>();
  const waiting = [...roots];
  while (waiting.length > 0 && found.size < filesMax) {
    const file = waiting.pop()!;
    if (found.has(file)) continue;
    found.add(file);
    for (const load of contents.files.get(file)?.loads ?? []) {
      waiting.push(...loaded(load, path.dirname(file), contents, namesakes));
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
