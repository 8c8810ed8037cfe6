import { createHash } from 'node:crypto';
import {
  defaultArchiveLimits,
  readZip,
  type ArchiveLimits,
  type Inspection,
} from '@sluice/inspection/inspect';
import { contentHashes, type HashedFile } from './dirhash.ts';

/** Providers of the large clouds are one program of 700 MB; it is read as a stream, like any other file. */
const limits: ArchiveLimits = { ...defaultArchiveLimits, unpackedSizeMaxBytes: 1024 * 1024 * 1024 };

/** Reads the zip of a provider as it is unpacked, and hashes its files as lockfiles pin them. */
export const readProvider: Inspection['readArchive'] = async (source, visit) => {
  const hashed: HashedFile[] = [];
  let folders: string[] = [];
  const summary = await readZip(
    source,
    (file) => {
      const sink = visit(file);
      const hash = createHash('sha256');
      return {
        write(chunk) {
          hash.update(chunk);
          sink?.write(chunk);
        },
        end() {
          hashed.push({ path: file.path, hex: hash.digest('hex') });
          sink?.end();
        },
      };
    },
    {
      limits,
      placedPathOf(paths) {
        folders = paths.filter((path) => path.endsWith('/'));
        return (path) => path;
      },
    },
  );
  return { ...summary, contentHashes: contentHashes(hashed, folders) };
};
