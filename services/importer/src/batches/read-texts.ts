import type { FileSource } from '../sources/file-source.ts';

/** A file of requirements that others include has some kilobytes. */
const textMaxBytes = 1024 * 1024;
/** All of them together, which are in memory at once. */
const textsMaxBytes = 16 * 1024 * 1024;

/** Whether other files may include a file of this name. */
export const isIncludable = (path: string): boolean => /\.(?:txt|in)$/i.test(path);

/** Reads the small texts of a source, which other files may include, by their paths. Texts beyond the limits count as not there. */
export async function readTexts(source: FileSource): Promise<ReadonlyMap<string, Buffer>> {
  const wanted = new Set<string>();
  let left = textsMaxBytes;
  for (const { path, sizeBytes } of source.files) {
    if (!isIncludable(path) || sizeBytes === null || sizeBytes > Math.min(textMaxBytes, left)) continue;
    wanted.add(path);
    left -= sizeBytes;
  }
  const texts = new Map<string, Buffer>();
  if (wanted.size === 0) return texts;
  await source.read(
    ({ path }) => wanted.has(path),
    ({ path }, content) => void texts.set(path, content),
  );
  return texts;
}
