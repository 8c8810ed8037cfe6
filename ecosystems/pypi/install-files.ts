import path from 'node:path/posix';
import type { PypiContents } from './contents.ts';
import type { PythonFile } from './python/python-file.ts';

/** Files that run when a distribution is installed: the build of a source distribution, and what it loads of its own files. */
export function installFiles(
  { kind, files, build }: PypiContents,
  pythonFiles: ReadonlyMap<string, PythonFile>,
): Set<string> {
  const found = new Set<string>();
  if (kind === 'wheel') return found;
  const waiting = ['setup.py', ...backendFiles(build)];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next) || !files.has(next)) continue;
    found.add(next);
    for (const module of pythonFiles.get(next)?.modules ?? []) waiting.push(...modulePlaces(module, next));
  }
  return found;
}

function backendFiles({ backend, backendPaths }: PypiContents['build']): string[] {
  if (backend === null || backendPaths.length === 0) return [];
  const module = backend.split(':')[0]!.replaceAll('.', '/');
  return backendPaths.flatMap((folder) => placesOf(`./${module}`, folder));
}

/** A build finds modules beside its file, and below the folder of the distribution. */
function modulePlaces(module: string, from: string): string[] {
  const [, dots = '', rest = ''] = /^(\.*)(.*)$/.exec(module) ?? [];
  const folder =
    dots === '' ? '' : path.join(path.dirname(from), ...Array.from({ length: dots.length - 1 }, () => '..'));
  return placesOf(`./${rest.replaceAll('.', '/')}`, folder);
}

function placesOf(load: string, folder: string): string[] {
  const base = path.normalize(path.join(folder, load)).replace(/^\.\//, '');
  return [base, `${base}.py`, `${base}/__init__.py`];
}
