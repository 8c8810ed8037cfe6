import type { Release } from '@sluice/contracts';
import { LRUCache } from 'lru-cache';
import type { GateDeps } from '../deps.ts';
import { send, type GateRequest } from './gate-request.ts';
import type { Refusal } from './refusal.ts';

/** Metadata have some kilobytes each. */
const keptBytes = 16 * 1024 * 1024;
/** By the digest of the archive: its bytes never change. */
const kept = new LRUCache<string, Buffer>({
  maxSize: keptBytes,
  sizeCalculation: ({ length }) => length + 100,
});

/**
 * Sends a part of an archive that clients fetch on its own.
 * @returns the refusal, for an archive without it.
 * @throws errors of the artifact store.
 */
export async function servePart(
  request: GateRequest,
  { part, file }: { part: string; file: Release['files'][number] },
  { bytes }: GateDeps,
): Promise<Refusal | null> {
  const key = `${file.artifactDigest}.${part}`;
  const etag = `"${key}"`;
  const headers = { etag, 'cache-control': 'private, max-age=31536000, immutable' };
  if (request.incoming.headers['if-none-match'] === etag) {
    send(request, { status: 304, headers });
    return null;
  }
  const content = kept.get(key) ?? (await readPart());
  if (content === null)
    return { code: 'gate.not-found', message: `Sluice: ${file.file} has no ${part} to be had on their own.` };
  kept.set(key, content);
  send(request, {
    status: 200,
    headers: { ...headers, 'content-type': 'application/octet-stream' },
    body: content,
  });
  return null;

  async function readPart(): Promise<Buffer | null> {
    const archive = await bytes.open(file.artifactDigest);
    try {
      return (await request.facade.readPart?.(part, archive)) ?? null;
    } finally {
      await archive.close();
    }
  }
}
