import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { PermanentError, type Names } from '@sluice/contracts';
import yauzl from 'yauzl';
import { readOsvRecord, type AdvisoryRow } from '@sluice/advisories';

/** The largest OSV records, with thousands of listed versions, have about 2 MB. */
const fileMaxBytes = 8 * 1024 * 1024;

export interface AdvisoryFile {
  name: string;
  /** SHA-256 of the file. */
  digest: string;
  /** Null when it is no OSV record. */
  rows: AdvisoryRow[] | null;
}

/**
 * Reads the files of an OSV export one after the other: a zip as OSV publishes them, or a folder.
 * @param ecosystems those whose records are wanted.
 * @throws PermanentError `advisories.invalid` when it is neither.
 */
export async function* readAdvisoryFiles(
  source: string,
  ecosystems: readonly Names[],
): AsyncGenerator<AdvisoryFile> {
  const info = await stat(source).catch((cause: unknown) => {
    throw new PermanentError('advisories.invalid', `There is no file or folder ${source}.`, {
      cause,
    });
  });
  for await (const { name, bytes } of info.isDirectory() ? readFolder(source) : readZip(source)) {
    const digest = createHash('sha256')
      .update(bytes ?? '')
      .digest('hex');
    yield { name, digest, rows: bytes && parse(bytes, ecosystems) };
  }
}

interface NamedBytes {
  name: string;
  /** Null for a file that is too large to be a record. */
  bytes: Buffer | null;
}

async function* readFolder(folder: string): AsyncGenerator<NamedBytes> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).toSorted();
  for (const name of names) {
    const file = path.join(folder, name);
    const info = await stat(file);
    if (info.isFile()) yield { name, bytes: info.size > fileMaxBytes ? null : await readFile(file) };
  }
}

async function* readZip(file: string): AsyncGenerator<NamedBytes> {
  const zip = await yauzl.openPromise(file, { lazyEntries: true }).catch((cause: unknown) => {
    throw new PermanentError('advisories.invalid', `${file} is no zip file, or a damaged one.`, { cause });
  });
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith('/')) continue;
      if (!entry.fileName.endsWith('.json') || entry.uncompressedSize > fileMaxBytes) {
        yield { name: entry.fileName, bytes: null };
      } else yield { name: entry.fileName, bytes: await buffer(await zip.openReadStreamPromise(entry)) };
    }
  } catch (cause) {
    throw new PermanentError('advisories.invalid', `The zip file ${file} is damaged.`, { cause });
  } finally {
    zip.close();
  }
}

function parse(bytes: Buffer, ecosystems: readonly Names[]): AdvisoryRow[] | null {
  try {
    return readOsvRecord(JSON.parse(bytes.toString('utf8')), ecosystems);
  } catch {
    return null;
  }
}
