import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Parser } from 'tar';
import { natsArchiveUrl, type NatsRelease } from './nats-releases.ts';
import { SetupError, type OnStep } from './setup-error.ts';

// A machine without a way out should go on to the next step soon.
const CONNECT_MS = 5_000;
// A stalled transfer is given up; a slow one may take as long as it needs.
const SILENCE_MS = 15_000;
// The archives are 5 to 7 MB.
const ARCHIVE_BYTES_MAX = 64 * 1024 * 1024;
const PROGRESS_BYTES = 2 * 1024 * 1024;

/**
 * Downloads one release, checks its SHA-256 before anything in it is looked at, and unpacks the one program.
 * @returns the path of the program.
 * @throws SetupError when the address does not answer, or the archive is not the one that is pinned.
 */
export async function downloadNatsServer(
  baseUrl: string,
  release: NatsRelease,
  folder: string,
  onStep: OnStep,
): Promise<string> {
  const url = natsArchiveUrl(baseUrl, release);
  await mkdir(folder, { recursive: true });
  const archive = join(folder, `nats-server-${release.version}.${process.pid}.tar.gz`);
  try {
    onStep(`Downloading nats-server ${release.version} …`);
    const sha256 = await downloadTo(archive, url, onStep);
    if (sha256 !== release.sha256) {
      throw new SetupError(
        `The archive at ${url} has SHA-256 ${sha256}, expected is ${release.sha256}.`,
        'Do not use it: something between here and the release page changes downloads.',
      );
    }
    const program = join(folder, `nats-server-${release.version}`);
    await extractProgram(archive, program);
    return program;
  } finally {
    await rm(archive, { force: true });
  }
}

async function downloadTo(file: string, url: string, onStep: OnStep): Promise<string> {
  const abort = new AbortController();
  let timer = setTimeout(() => abort.abort(new Error(`no answer within ${CONNECT_MS / 1000} s`)), CONNECT_MS);
  const output = await open(file, 'w', 0o600);
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok || response.body === null) throw new Error(`status ${response.status}`);
    const hash = createHash('sha256');
    let sizeBytes = 0;
    for await (const chunk of response.body) {
      clearTimeout(timer);
      timer = setTimeout(() => abort.abort(new Error(`nothing for ${SILENCE_MS / 1000} s`)), SILENCE_MS);
      const before = sizeBytes;
      sizeBytes += chunk.byteLength;
      if (sizeBytes > ARCHIVE_BYTES_MAX) throw new Error('the file is far too large');
      if (Math.floor(before / PROGRESS_BYTES) < Math.floor(sizeBytes / PROGRESS_BYTES)) {
        onStep(`  ${Math.round(sizeBytes / 1024 / 1024)} MB`);
      }
      hash.update(chunk);
      await output.write(chunk);
    }
    return hash.digest('hex');
  } catch (error) {
    throw new SetupError(
      `${url} cannot be downloaded: ${reasonOf(error)}.`,
      'Allow this machine to reach it, or name a mirror in SLUICE_NATS_DOWNLOAD_URL.',
      { cause: error },
    );
  } finally {
    clearTimeout(timer);
    await output.close();
  }
}

/** Only the entry that is the program is written, under our name; all other entries are skipped. */
async function extractProgram(archive: string, program: string): Promise<void> {
  const unfinished = `${program}.${process.pid}`;
  let extraction: Promise<void> | undefined;
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      if (extraction === undefined && entry.type === 'File' && /^[^/]+\/nats-server$/.test(entry.path)) {
        extraction = writeEntry(entry, unfinished);
      } else {
        entry.resume();
      }
    },
  });
  await pipeline(createReadStream(archive), parser as unknown as NodeJS.WritableStream);
  if (extraction === undefined)
    throw new SetupError(
      'The archive does not contain nats-server.',
      'Name a mirror of the release page in SLUICE_NATS_DOWNLOAD_URL.',
    );
  await extraction;
  await chmod(unfinished, 0o755);
  await rename(unfinished, program);
}

async function writeEntry(entry: AsyncIterable<Buffer>, file: string): Promise<void> {
  const output = await open(file, 'w', 0o700);
  try {
    for await (const chunk of entry) await output.write(chunk);
  } finally {
    await output.close();
  }
}

/** fetch hides the reason (no such host, refused) in the cause. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message : message;
}
