import {
  ArchiveRefused,
  readTarball,
  readZip,
  type ArchiveSummary,
  type Inspection,
  type ZipPaths,
} from '@sluice/inspection/inspect';
import { WheelRecord } from './wheel-record.ts';

/** `a-1.0.data/purelib/x` is placed as `x`; other folders of `.data` are placed outside of the packages. */
const library = /^[^/]+\.data\/(?:purelib|platlib)\//;
/** Links to another file of the archive are usual for these; a build runs none of them. */
const prose =
  /\.(?:md|rst|txt|css|html?|png|svg|jpe?g)$|(?:^|\/)(?:README|LICENSE|COPYING|NEWS|CHANGES|CHANGELOG|AUTHORS)$/;
const wheelFile = /^([^/]+\.dist-info)\/WHEEL$/;

/** The libraries that read it in the sandbox, where no addons are, pass over checksums or over data behind the first stream. */
const noXz = 'Archives of xz are not read: no library for it tells damage and hidden data for sure.';

/**
 * Reads a wheel as it is unpacked into site-packages, or a source distribution without its folder. A zip is a wheel when it has
 * the WHEEL file of one. A wheel is compared with its RECORD.
 */
export const readDistribution: Inspection['readArchive'] = async (source, visit) => {
  const chunks = source[Symbol.asyncIterator]();
  const first = await chunks.next();
  const head = first.done ? new Uint8Array() : first.value;
  const rest = rejoin(head, chunks);
  if (startsWith(head, 'PK')) return await readZipped(rest, visit);
  if (startsWith(head, '\u00fd7zXZ')) throw new ArchiveRefused('archive.unsupported-format', noXz);
  const summary = await readTarball(rest, visit, { placedPath: oneFolder(), bzip2: true });
  return {
    ...summary,
    notes: summary.notes.filter(({ kind, path }) => kind !== 'link' || !prose.test(path ?? '')),
  };
};

async function readZipped(
  source: AsyncIterable<Uint8Array>,
  visit: Parameters<Inspection['readArchive']>[1],
): Promise<ArchiveSummary> {
  let record: WheelRecord | null = null;
  const archivePaths = new Map<string, string>();
  const summary = await readZip(
    source,
    (file) => {
      const sink = visit(file);
      return record ? record.watch(archivePaths.get(file.path)!, file, sink) : sink;
    },
    {
      placedPathOf(paths) {
        const folder = wheelFolder(paths);
        if (folder === null) return oneFolder();
        record = new WheelRecord(folder);
        return (path) => {
          const placed = path.replace(library, '');
          archivePaths.set(placed, path);
          return placed;
        };
      },
    },
  );
  // Assigned by a callback, which the compiler does not see.
  const own = record as WheelRecord | null;
  return own ? { ...summary, notes: [...summary.notes, ...own.notes()] } : summary;
}

/** The folder of a wheel's metadata; null for a zip that is no wheel. */
function wheelFolder(paths: ZipPaths): string | null {
  const folders = paths.flatMap((path) => wheelFile.exec(path)?.[1] ?? []);
  return folders[0] ?? null;
}

/** Drops the folder around a source distribution, whose name the first entry tells; what is beside it is not read. */
function oneFolder(): (path: string) => string | null {
  let folder: string | null = null;
  return (path) => {
    const slash = path.indexOf('/');
    folder ??= slash < 0 ? path : path.slice(0, slash);
    return slash >= 0 && path.slice(0, slash) === folder ? path.slice(slash + 1) : null;
  };
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return Buffer.from(bytes.subarray(0, text.length)).toString('latin1') === text;
}

async function* rejoin(head: Uint8Array, chunks: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
}
