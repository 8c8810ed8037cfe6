import path from 'node:path/posix';
import type { FileSummary } from './rule.ts';

const endings = ['', '.js', '.cjs', '.mjs', '.ts', '.json', '/index.js', '/index.cjs', '/index.mjs'];

/**
 * The file of the package that another one names, as Node finds it.
 * @param name as written, `./a` or `./a.member`: members may follow the name of a module.
 */
export function findLoaded(
  name: string,
  from: string,
  files: ReadonlyMap<string, FileSummary>,
): string | null {
  let base = path.join(path.dirname(from), name);
  for (;;) {
    const found = endings.map((ending) => base + ending).find((candidate) => files.has(candidate));
    if (found) return found;
    const shorter = base.replace(/\.[^./]*$/, '');
    if (shorter === base) return null;
    base = shorter;
  }
}

/** Files that are connected by what they load. */
export function connectedFiles(files: ReadonlyMap<string, FileSummary>): string[][] {
  const group = new Map<string, string>();
  const rootOf = (file: string): string => {
    let root = file;
    for (let next = group.get(root); next !== undefined && next !== root; next = group.get(root)) root = next;
    group.set(file, root);
    return root;
  };
  for (const [file, { loads }] of files) {
    for (const load of loads) {
      const loaded = load.startsWith('.') ? findLoaded(load, file, files) : null;
      if (loaded) group.set(rootOf(loaded), rootOf(file));
    }
  }
  const groups = new Map<string, string[]>();
  for (const file of group.keys()) {
    const root = rootOf(file);
    groups.set(root, [...(groups.get(root) ?? []), file]);
  }
  return [...groups.values()].filter((members) => members.length > 1);
}
