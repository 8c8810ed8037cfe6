import path from 'node:path/posix';
import type { PypiContents } from './contents.ts';

/** Files that run when a distribution is installed: the build of a source distribution, and what it loads of its own files. */
export function installFiles({ kind, files, build }: PypiContents): Set<string> {
  const found = new Set<string>();
  if (kind === 'wheel') return found;
  const waiting = ['setup.py', ...backendFiles(build)];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next) || !files.has(next)) continue;
    found.add(next);
    for (const load of files.get(next)!.loads) waiting.push(...placesOf(load, path.dirname(next)));
  }
  return found;
}

function backendFiles({ backend, backendPaths }: PypiContents['build']): string[] {
  if (backend === null || backendPaths.length === 0) return [];
  const module = backend.split(':')[0]!.replaceAll('.', '/');
  return backendPaths.flatMap((folder) => placesOf(`./${module}`, folder));
}

function placesOf(load: string, folder: string): string[] {
  const base = path.normalize(path.join(folder, load)).replace(/^\.\//, '');
  return [base, `${base}.py`, `${base}/__init__.py`];
}
