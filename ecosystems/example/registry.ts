import { PermanentError, statedHashes, TransientError } from '@sluice/contracts';
import type { Egress } from '@sluice/egress';
import { Upstream, type RegistryClient } from '@sluice/registries';
import { z } from 'zod';

const metadataMaxBytes = 64 * 1024;

const metadataSchema = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string(),
  published: z.iso.datetime(),
  archive: z.object({ url: z.url(), integrity: z.string() }),
});

/** `<registry>/<maker>/<name>/<version>.json` is the metadata of a version, and names its archive. */
export const exampleClient: RegistryClient = {
  type: 'example',
  open({ url, credentials }, egress) {
    const base = url.replace(/\/*$/, '/');
    const { host } = new URL(base);
    const upstream = new Upstream(egress, credentials, () => null);
    return {
      hostOf: () => host,
      tarballHost: (archiveUrl) => (URL.canParse(archiveUrl) ? new URL(archiveUrl).host : null),
      async manifest(name, version, signal) {
        const raw = await read(egress, `${base}${name}/${version}.json`, signal);
        const parsed = metadataSchema.safeParse(raw);
        if (!parsed.success) throw unusable(host);
        const { license, published, archive } = parsed.data;
        return {
          raw: raw as Record<string, unknown>,
          license,
          publishedAt: published,
          firstSeenAt: null,
          withdrawn: null,
          repositoryUrl: null,
          publisher: null,
          runsAtInstall: [],
          previousRanAtInstall: null,
          gained: null,
          files: [
            {
              file: archive.url.slice(archive.url.lastIndexOf('/') + 1),
              kind: 'tarball',
              platform: null,
              url: archive.url,
              sizeBytes: null,
              hashes: statedHashes({ integrity: archive.integrity, shasum: null }),
            },
          ],
        };
      },
      tarball: (archiveUrl, signal) => upstream.archive(archiveUrl, signal),
      notAnArchive: (archiveUrl, signal) => upstream.notAnArchive(archiveUrl, signal),
      isArchive: (archiveUrl) => upstream.isArchive(archiveUrl),
    };
  },
};

async function read(egress: Egress, url: string, signal: AbortSignal): Promise<unknown> {
  const request = { signal, maxBytes: metadataMaxBytes, accept: 'application/json', compressed: false };
  const { status, bytes } = await egress.getBytes(url, request);
  if (status === 404)
    throw new PermanentError('registry.version-not-found', 'The registry has no such version.');
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
}

function unusable(host: string): TransientError {
  return new TransientError('registry.unusable-answer', `${host} sends something else.`, { host });
}
