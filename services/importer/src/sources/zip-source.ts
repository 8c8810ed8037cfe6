import { ArchiveRefused, defaultArchiveLimits, readZip, type ZipSink } from '@sluice/inspection/archive';
import type { FileSource, SourceFile } from './file-source.ts';

/** All files of a zip together: lockfiles of a large company's monorepo are a tenth of that. */
const unpackedMaxBytes = 200 * 1024 * 1024;
const limits = { ...defaultArchiveLimits, unpackedSizeMaxBytes: unpackedMaxBytes };

/**
 * The files of a zip. All of it is unpacked once to be checked, and nothing is written anywhere.
 * @throws ArchiveRefused when the archive as a whole is damaged, hostile or beyond the limits.
 */
export async function zipSource(zip: Buffer): Promise<FileSource> {
  const files: SourceFile[] = [];
  const each = (visit: (file: SourceFile) => ZipSink | null) =>
    readZip([zip], ({ path, sizeBytes }) => visit({ path: plain(path), sizeBytes }), {
      placedPathOf: () => (path) => path,
      limits,
    });
  await each((file) => {
    files.push(file);
    return null;
  });
  if (new Set(files.map(({ path }) => path)).size < files.length)
    throw new ArchiveRefused('archive.ambiguous', 'Two files have one path.');
  return {
    files,
    async read(isWanted, visit) {
      await each((file) => {
        if (!isWanted(file)) return null;
        const chunks: Buffer[] = [];
        return {
          write: (chunk) => void chunks.push(chunk),
          end: () => visit(file, Buffer.concat(chunks)),
        };
      });
    },
  };
}

/** Some programs write `./a` for `a`. */
function plain(path: string): string {
  return path.replace(/^\.\//, '');
}
