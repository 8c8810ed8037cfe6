import path from 'node:path/posix';
import type { FileSummary } from '@sluice/inspection/inspect';
import { gypBuilds } from './gyp/gyp-builds.ts';
import type { NpmContents } from './contents.ts';
import { installCommands } from './manifest.ts';

/** Chains of local files are followed this far; install scripts load a handful. */
const filesMax = 200;

/** A command that npm runs when the package is installed. */
export interface InstallCommand {
  folder: string;
  manifestFile: string;
  hook: string;
  command: string;
}

/** The install hooks of a package and of all that are bundled with it. */
export function allInstallCommands({ packages }: NpmContents): InstallCommand[] {
  return packages.flatMap(({ folder, manifest }) =>
    installCommands(manifest).map((hook) => ({ folder, manifestFile: `${folder}package.json`, ...hook })),
  );
}

/** The archive's files that a command in a folder names. */
export function filesOfCommand(
  command: string,
  folder: string,
  files: ReadonlyMap<string, FileSummary>,
): string[] {
  const words = command.split(/[\s"'`;&|()<>=]+/).filter((word) => word !== '' && !word.startsWith('-'));
  return [...new Set(words.flatMap((word) => resolveFile(word, folder, files) ?? []))];
}

/** Files that run when the package is installed: those that hooks and gyp files name, and those that these load in turn. */
export function installFiles(contents: NpmContents): Set<string> {
  const ofHooks = allInstallCommands(contents).flatMap(({ folder, command }) =>
    filesOfCommand(command, folder, contents.files),
  );
  const ofBuilds = gypBuilds(contents).flatMap(({ runs }) => runs);
  return closure([...ofHooks, ...ofBuilds], contents.files);
}

/** Files that run when the package is used or installed. */
export function reachableFiles(contents: NpmContents): Set<string> {
  const roots = contents.packages.flatMap(({ folder, manifest }) =>
    [...(manifest?.entryPoints ?? []), 'index.js'].flatMap(
      (entry) => resolveFile(entry, folder, contents.files) ?? [],
    ),
  );
  return new Set([...closure(roots, contents.files, 5_000), ...installFiles(contents)]);
}

function closure(roots: string[], files: ReadonlyMap<string, FileSummary>, max = filesMax): Set<string> {
  const found = new Set<string>();
  const waiting = [...roots];
  while (waiting.length > 0 && found.size < max) {
    const file = waiting.pop()!;
    if (found.has(file)) continue;
    found.add(file);
    const folder = path.dirname(file);
    for (const load of files.get(file)?.loads ?? []) {
      const target = resolveFile(load, folder === '.' ? '' : folder, files);
      if (target) waiting.push(target);
    }
  }
  return found;
}

/** Finds a file as Node's CommonJS loader would. */
function resolveFile(name: string, folder: string, files: ReadonlyMap<string, FileSummary>): string | null {
  const base = path.normalize(path.join(folder, name)).replace(/\/$/, '');
  const candidates = [base, `${base}.js`, `${base}.cjs`, `${base}.mjs`, path.join(base, 'index.js')];
  return candidates.find((candidate) => files.has(candidate)) ?? null;
}
