import path from 'node:path/posix';
import type { FileBeside } from './format.ts';

/**
 * Finds the files that a file names by paths from its own folder, among those that were submitted with it. An address, an absolute
 * path and one that leaves the root name none. Pure.
 * @param from path of the file; null for one without a name, which stands at the root.
 * @param onFound is told the path of each file that was found.
 */
export function filesBeside(
  from: string | null,
  files: ReadonlyMap<string, Uint8Array>,
  onFound: (path: string) => void = () => {},
): FileBeside['beside'] {
  const folder = path.dirname(from ?? '');
  return (reference) => {
    if (/^(?:[a-z][a-z0-9+.-]*:|[/\\])/i.test(reference)) return null;
    const found = path.normalize(path.join(folder, reference.replaceAll('\\', '/')));
    const content = files.get(found);
    if (content === undefined) return null;
    onFound(found);
    const beside = filesBeside(found, files, onFound);
    return { path: found, content: withoutByteOrderMark(content), beside };
  };
}

export function withoutByteOrderMark(bytes: Uint8Array): Uint8Array {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return hasMark ? bytes.subarray(3) : bytes;
}
