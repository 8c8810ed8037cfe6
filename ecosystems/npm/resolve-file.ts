import path from 'node:path/posix';
import type { NpmContents } from './contents.ts';

/** Endings that loaders and shells add to a name; TypeScript is run by Node since 22.18. */
const endings = [
  '',
  '.js',
  '.json',
  '.node',
  '.cjs',
  '.mjs',
  '.ts',
  '.cts',
  '.mts',
  '.jsx',
  '.tsx',
  '.cmd',
  '.sh',
];
/** A folder's package.json may lead to another folder, once. */
const depthMax = 2;

type Archive = Pick<NpmContents, 'files' | 'mains'>;

/**
 * Finds a file of the archive as Node's loaders would: the name itself, with an ending, or as a folder with a `main` or an index.
 * @param folder from which the name is meant; empty for the package itself.
 */
export function resolveFile(name: string, folder: string, archive: Archive, depth = 0): string | null {
  const base = path.normalize(path.join(folder, name)).replace(/^\.?\/|\/$/g, '');
  const root = base === '.' ? '' : base;
  const file =
    root === '' ? undefined : endings.map((ending) => root + ending).find((one) => archive.files.has(one));
  if (file !== undefined) return file;
  const main = archive.mains.get(root === '' ? '' : `${root}/`);
  const ofMain = main !== undefined && depth < depthMax ? resolveFile(main, root, archive, depth + 1) : null;
  if (ofMain !== null) return ofMain;
  return (
    endings.map((ending) => path.join(root, `index${ending}`)).find((one) => archive.files.has(one)) ?? null
  );
}
