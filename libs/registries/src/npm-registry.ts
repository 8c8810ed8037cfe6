import type { Readable } from 'node:stream';
import { errorCodeOf, PermanentError, TransientError } from '@sluice/contracts';
import type { Egress } from '@sluice/egress';
import { PackumentCache } from './packument-cache.ts';
import {
  packumentSchema,
  readLoneManifest,
  readManifest,
  type Packument,
  type VersionManifest,
} from './read-manifest.ts';

export interface NpmRegistryOptions {
  /** The registry's address, from configuration; a path such as `/npm/` is kept. */
  baseUrl: string;
  egress: Egress;
  /** Sent to the registry as a bearer token, and to no other host. */
  token?: string | undefined;
}

export interface NpmRegistry {
  /** Where it is, as it stands in URLs. */
  host: string;
  /** Where an archive would be fetched from; null for a text that is no URL. See `tarball`. */
  tarballHost(url: string): string | null;
  /**
   * The registry's metadata of one version.
   * @throws PermanentError `registry.version-not-found`; TransientError `registry.invalid-metadata` for an answer that is not
   * JSON (most often a proxy's error page), PermanentError for JSON of another shape; errors of `Egress.fetch`.
   */
  manifest(name: string, version: string, signal: AbortSignal): Promise<VersionManifest>;
  /**
   * The bytes of an archive, which must be read to the end or destroyed; null when the registry does not have them.
   * @param url as the registry stated it. An address with the usual path is fetched from the configured registry, for any
   * host in it; mirrors often name the host that they mirror.
   * @throws errors of `Egress.fetch`.
   */
  tarball(url: string, signal: AbortSignal): Promise<Readable | null>;
}

/** The largest packuments have tens of megabytes; parsed they take eight times that for a moment. */
const packumentBytesMax = 48 * 1024 * 1024;
const manifestBytesMax = 4 * 1024 * 1024;
/** Room for the one very large packument of a usual lockfile and some dozens of ordinary ones. */
const cacheLimits = { maxBytes: 16 * 1024 * 1024, ttlMs: 60_000 };

/** The registry refuses the archive: for this version that is final. */
const absentStatuses = new Set([401, 403, 404, 410, 451]);

/** Client of a registry that speaks npm's protocol. */
export function npmRegistry({ baseUrl, egress, token }: NpmRegistryOptions): NpmRegistry {
  const base = baseUrl.replace(/\/*$/, '/');
  const cache = new PackumentCache<Packument>(parsePackument, cacheLimits);

  const headersFor = (url: string): Record<string, string> =>
    token && url.startsWith(base) ? { authorization: `Bearer ${token}` } : {};

  async function readJson(path: string, maxBytes: number, signal: AbortSignal): Promise<Buffer> {
    const request = {
      signal,
      maxBytes,
      headers: headersFor(base + path),
      accept: 'application/json',
      compressed: true,
    };
    const { status, bytes } = await egress.getBytes(base + path, request);
    if (status === 200) return bytes;
    if (absentStatuses.has(status)) {
      throw new PermanentError('registry.version-not-found', `The registry answers ${status} for ${path}.`);
    }
    throw new TransientError('registry.invalid-metadata', `The registry answers ${status} for ${path}.`);
  }

  return {
    host: new URL(base).host,
    tarballHost: (url) => {
      const target = tarballUrl(base, url);
      // A URL of another scheme may have no host.
      return (URL.canParse(target) && new URL(target).host) || null;
    },

    async manifest(name, version, signal) {
      const path = packumentPath(name);
      try {
        const load = (flightSignal: AbortSignal) => readJson(path, packumentBytesMax, flightSignal);
        const found = readManifest(await cache.get(name, load, signal), version);
        if (found) return found;
      } catch (error) {
        if (errorCodeOf(error) !== 'egress.too-large') throw error;
        // A few packages have published more than one ought to read; the version alone is better than nothing.
        const bytes = await readJson(`${path}/${encodeURIComponent(version)}`, manifestBytesMax, signal);
        return readLoneManifest(parseJson(bytes), version);
      }
      throw new PermanentError(
        'registry.version-not-found',
        `The registry has ${name}, but no version ${version}.`,
      );
    },

    async tarball(url, signal) {
      const target = tarballUrl(base, url);
      const { status, body } = await egress.fetch(target, { signal, headers: headersFor(target) });
      if (status === 200) return body;
      body.on('error', () => {}).destroy();
      if (absentStatuses.has(status)) return null;
      throw new TransientError('registry.invalid-metadata', `The registry answers ${status} for an archive.`);
    },
  };
}

/** `lodash`, `@scope%2fname`. */
function packumentPath(name: string): string {
  const parts = name.split('/');
  const usual = parts.length === 1 || (parts.length === 2 && name.startsWith('@'));
  if (!usual || parts.some((part) => /^\.*$/.test(part) || part === '@')) {
    throw new PermanentError(
      'registry.version-not-found',
      `${JSON.stringify(name.slice(0, 80))} is no package name.`,
    );
  }
  return parts.map((part) => encodeURIComponent(part).replace(/^%40/, '@')).join('%2f');
}

function tarballUrl(base: string, stated: string): string {
  if (stated.startsWith(base)) return stated;
  const path = URL.canParse(stated) ? new URL(stated).pathname : '';
  const usual = /\/((?:@[^/]+(?:\/|%2f))?[^/@]+\/-\/[^/]+)$/i.exec(path)?.[1];
  return usual ? base + usual : stated;
}

function parsePackument(bytes: Buffer): Packument {
  const parsed = packumentSchema.safeParse(parseJson(bytes));
  if (parsed.success) return parsed.data;
  throw new PermanentError('registry.invalid-metadata', 'The registry sent JSON that is no packument.');
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new TransientError('registry.invalid-metadata', 'The registry sent something that is not JSON.', {
      cause,
    });
  }
}
