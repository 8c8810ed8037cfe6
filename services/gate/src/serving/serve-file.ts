import type { ServerResponse } from 'node:http';
import type { Release } from '@sluice/contracts';
import type { GateDeps } from '../deps.ts';
import { send, type GateRequest } from './gate-request.ts';

type ReleasedFile = Release['files'][number];

/** `bytes=0-99`, `bytes=100-`, `bytes=-50`: one range; a client that wants several gets all bytes (RFC 9110, 14.2). */
const rangePattern = /^bytes=(\d*)-(\d*)$/;

/** Sends an archive, or the part of it that is asked for. */
export async function serveFile(
  request: GateRequest,
  file: ReleasedFile,
  { bytes }: GateDeps,
): Promise<void> {
  const { incoming, outgoing } = request;
  const etag = `"${file.artifactDigest}"`;
  const headers = {
    etag,
    'accept-ranges': 'bytes',
    'content-type': 'application/octet-stream',
    // Private: a cache that is shared would go on serving what was recalled.
    'cache-control': 'private, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
  };
  if (incoming.headers['if-none-match'] === etag) return send(request, { status: 304, headers });
  const range = readRange(incoming.headers, etag, file.sizeBytes);
  if (range === 'unsatisfiable')
    return send(request, {
      status: 416,
      headers: { ...headers, 'content-range': `bytes */${file.sizeBytes}` },
    });
  const { start, end } = range ?? { start: 0, end: file.sizeBytes - 1 };
  const part = range ? { 'content-range': `bytes ${start}-${end}/${file.sizeBytes}` } : {};
  const sent = { ...headers, ...part, 'content-length': end - start + 1 };
  if (incoming.method === 'HEAD') {
    outgoing.writeHead(range ? 206 : 200, sent).end();
    return;
  }
  const opened = await bytes.open(file.artifactDigest);
  try {
    outgoing.writeHead(range ? 206 : 200, sent);
    for await (const chunk of opened.chunks({ start, end })) await write(outgoing, chunk);
    outgoing.end();
  } finally {
    await opened.close();
  }
}

/** Resolves when the bytes have left, and their memory may be used again. @throws when the client has gone. */
function write(outgoing: ServerResponse, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Error('The client has gone.'));
    if (outgoing.destroyed) return gone();
    outgoing.once('close', gone);
    outgoing.write(chunk, (error) => {
      outgoing.off('close', gone);
      if (error) reject(error);
      else resolve();
    });
  });
}

type Range = { start: number; end: number };

/** @returns null for all bytes. */
function readRange(
  headers: GateRequest['incoming']['headers'],
  etag: string,
  sizeBytes: number,
): Range | 'unsatisfiable' | null {
  const [, from = '', to = ''] = rangePattern.exec(headers.range ?? '') ?? [];
  const condition = headers['if-range'];
  if ((from === '' && to === '') || (condition !== undefined && condition !== etag)) return null;
  const start = from === '' ? Math.max(sizeBytes - Number(to), 0) : Number(from);
  const end = from === '' || to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1);
  if (from !== '' && to !== '' && Number(to) < Number(from)) return null;
  return start > end || start >= sizeBytes ? 'unsatisfiable' : { start, end };
}
