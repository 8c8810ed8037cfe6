import path from 'node:path/posix';
import type { FileSummary, PackageContents } from '../rules/rule.ts';
import { installHooks, type PackageManifest } from './package-manifest.ts';

/** Chains of local files are followed this far; install scripts load a handful. */
const filesMax = 200;

/** The install hooks of a manifest with their commands, in the order npm runs them. */
export function installCommands(manifest: PackageManifest | null): { hook: string; command: string }[] {
  if (!manifest) return [];
  return installHooks.flatMap((hook) => {
    const command = manifest.scripts[hook];
    return command ? [{ hook, command }] : [];
  });
}

/** The archive's files that a command names. */
export function filesOfCommand(command: string, files: ReadonlyMap<string, FileSummary>): string[] {
  const words = command.split(/[\s"'`;&|()<>=]+/).filter((word) => word !== '' && !word.startsWith('-'));
  return [...new Set(words.flatMap((word) => resolveFile(word, '', files) ?? []))];
}

/** Files that run when the package is installed: those the hooks name, and what these load in turn. */
export function installFiles(contents: PackageContents): Set<string> {
  const commands = installCommands(contents.manifest);
  return closure(
    commands.flatMap(({ command }) => filesOfCommand(command, contents.files)),
    contents.files,
  );
}

/** Files that run when the package is used or installed. */
export function reachableFiles(contents: PackageContents): Set<string> {
  const entries = [...(contents.manifest?.entryPoints ?? []), 'index.js'];
  const roots = entries.flatMap((entry) => resolveFile(entry, '', contents.files) ?? []);
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
