import { closeSync, openSync, writeSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { errorCodeOf, TransientError } from '@sluice/contracts';
import type { Egress, EgressResponse } from '@sluice/egress';

export interface KnownVersion {
  etag: string | null;
  lastModified: string | null;
}

/** The largest export, of one ecosystem, has about 200 MB. */
const exportMaxBytes = 2 * 1024 ** 3;
/** 600 MB at 1 MB/s; a download that is broken off then is resumed. */
const deadlineMs = 10 * 60_000;
/** Each resumption continues; a connection that breaks this often will not get better by itself. */
const resumptionsMax = 8;

/**
 * Downloads an OSV export unless it is the known one. Goes on where it was when the connection breaks, as long as the
 * server still has the same file.
 * @returns validators for the next request, or null when nothing changed.
 * @throws TransientError when the source does not answer as it should.
 * Source: RFC 9110, sections 13 (conditional requests) and 14 (ranges).
 */
export async function downloadAdvisories(
  egress: Egress,
  url: string,
  file: string,
  known: KnownVersion,
  signal: AbortSignal,
): Promise<KnownVersion | null> {
  await rm(file, { force: true });
  let current: KnownVersion | null = null;
  for (let resumptions = 0; ; resumptions += 1) {
    const have = current ? await sizeOf(file) : 0;
    const headers = current && have > 0 ? rangeHeaders(current, have) : conditionHeaders(known);
    const response = await egress.fetch(url, { signal, headers, maxBytes: exportMaxBytes, deadlineMs });
    if (response.status === 304) {
      response.body.destroy();
      return null;
    }
    // 206 continues; 200 means that the server does not do ranges, or has another file by now.
    const isContinued = response.status === 206 && startOf(response) === have;
    if (!isContinued && response.status !== 200) throw refused(url, response);
    if (!isContinued) current = versionOf(response);
    try {
      await write(response.body, file, isContinued ? 'a' : 'w');
      return current!;
    } catch (error) {
      signal.throwIfAborted();
      if (errorCodeOf(error) !== 'egress.broken-off' || resumptions >= resumptionsMax) throw error;
    }
  }
}

/**
 * Not a pipeline: that would drop chunks that are not written yet when the connection breaks. The file is
 * opened without a pause, because a body that breaks before it has a reader takes the process down.
 */
async function write(body: AsyncIterable<Buffer>, file: string, flags: 'a' | 'w'): Promise<void> {
  const descriptor = openSync(file, flags);
  try {
    for await (const chunk of body) writeSync(descriptor, chunk);
  } finally {
    closeSync(descriptor);
  }
}

function conditionHeaders({ etag, lastModified }: KnownVersion): Record<string, string> {
  return {
    ...(etag ? { 'if-none-match': etag } : {}),
    ...(lastModified ? { 'if-modified-since': lastModified } : {}),
  };
}

/** Without a validator two halves of different files could be joined; then it begins again. */
function rangeHeaders({ etag, lastModified }: KnownVersion, have: number): Record<string, string> {
  const validator = etag && !etag.startsWith('W/') ? etag : lastModified;
  return validator ? { range: `bytes=${have}-`, 'if-range': validator } : {};
}

function versionOf({ headers }: EgressResponse): KnownVersion {
  return { etag: headers.etag ?? null, lastModified: headers['last-modified'] ?? null };
}

function startOf({ headers }: EgressResponse): number | null {
  const match = /^bytes (\d+)-/.exec(headers['content-range'] ?? '');
  return match ? Number(match[1]) : null;
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => ({ size: 0 }))).size;
}

function refused(url: string, response: EgressResponse): TransientError {
  response.body.destroy();
  const { host } = new URL(url);
  return new TransientError('registry.unavailable', `${host} answered ${response.status} for advisories.`, {
    host,
  });
}
