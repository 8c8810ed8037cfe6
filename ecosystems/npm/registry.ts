import { randomUUID } from 'node:crypto';
import { errorCodeOf, PermanentError } from '@sluice/contracts';
import type { Egress } from '@sluice/egress';
import {
  DocumentCache,
  hostOf,
  parseJsonAnswer,
  UnusableAnswer,
  Upstream,
  type Registry,
  type RegistryClient,
  type RegistrySettings,
  type VersionManifest,
} from '@sluice/registries';
import { z } from 'zod';
import { isExactVersion } from './name.ts';
import { NpmOrigin } from './origin.ts';
import {
  firstSeenAt,
  packumentSchema,
  readLoneManifest,
  readManifest,
  type Packument,
} from './read-manifest.ts';

/** The largest packuments have tens of megabytes; parsed they take eight times that for a moment. */
const packumentBytesMax = 48 * 1024 * 1024;
const manifestBytesMax = 4 * 1024 * 1024;
/** New dependencies of one version whose first publication is looked up; releases gain a handful. */
const gainedLookupsMax = 20;
/** Room for the one very large packument of a usual lockfile and some dozens of ordinary ones. */
const cacheLimits = { maxBytes: 16 * 1024 * 1024, ttlMs: 60_000 };

/** Answers up to this size are asked for again to see whether their host is well. */
const witnessBytesMax = 256 * 1024;

/** The manifest of a tag, which is the version's own. */
const latestSchema = z.object({ version: z.string().refine(isExactVersion) });

export const npmClient: RegistryClient = { type: 'npm', hasKeys: true, open: npmRegistry };

/**
 * Client of a registry that speaks npm's protocol. An archive's address with the usual path is fetched from the
 * configured registry, for any host in it; mirrors often name the host that they mirror.
 */
function npmRegistry(
  { url: address, scopes: scoped, credentials, keys, trustedRoot }: RegistrySettings,
  egress: Egress,
): Registry {
  const main = withSlash(address);
  const scopes = new Map([...scoped].map(([scope, url]) => [scope, withSlash(url)]));
  const bases = [main, ...scopes.values()];
  const baseOf = (name: string) => scopes.get(name.split('/')[0]!) ?? main;
  const cache = new DocumentCache<Packument>(parsePackument, cacheLimits);

  const upstream = new Upstream(egress, credentials, (of) => {
    const base = bases.find((known) => hostOf(known) === of);
    return base === undefined
      ? null
      : (signal) => upstream.misses(`${base}sluice-probe-${randomUUID()}`, signal);
  });

  const origin = new NpmOrigin(upstream, { main, keys, trustedRoot });

  async function readJson(url: string, maxBytes: number, signal: AbortSignal): Promise<Buffer> {
    return (await upstream.read(url, { maxBytes, accept: 'application/json' }, signal)).bytes;
  }

  /** Where an archive is fetched from. */
  function tarballUrl(stated: string): string {
    if (bases.some((known) => stated.startsWith(known))) return stated;
    const path = URL.canParse(stated) ? new URL(stated).pathname : '';
    const usual = /\/((?:@[^/]+(?:\/|%2f))?[^/@]+\/-\/[^/]+)$/i.exec(path)?.[1];
    return usual ? baseOf(usual.replace(/%2f/i, '/')) + usual : stated;
  }

  async function readPackument(name: string, signal: AbortSignal): Promise<Packument> {
    const url = baseOf(name) + packumentPath(name);
    let isSmall = false;
    const load = async (flightSignal: AbortSignal) => {
      const bytes = await readJson(url, packumentBytesMax, flightSignal);
      isSmall = bytes.length <= witnessBytesMax;
      return bytes;
    };
    const packument = await cache.get(name, load, signal);
    if (isSmall) {
      const ask = async (of: AbortSignal) => parsePackument(await readJson(url, witnessBytesMax, of));
      upstream.answeredWell(hostOf(url), url, ask);
    }
    return packument;
  }

  /** A dependency that the registry does not have, or that is one of many new ones, stays without a time. */
  async function withTimesOfGained(found: VersionManifest, signal: AbortSignal): Promise<VersionManifest> {
    if (!found.gained) return found;
    const dependencies = await Promise.all(
      found.gained.dependencies.map(async (dependency, index) =>
        index < gainedLookupsMax ? await withTime(dependency.name, signal) : dependency,
      ),
    );
    return { ...found, gained: { ...found.gained, dependencies } };
  }

  async function withTime(name: string, signal: AbortSignal) {
    try {
      return { name, firstSeenAt: firstSeenAt(await readPackument(name, signal)) };
    } catch (error) {
      const own = error instanceof UnusableAnswer ? error.own : error;
      if (own instanceof PermanentError) return { name, firstSeenAt: null };
      const host = hostOf(baseOf(name));
      throw await upstream.judge(error, host, baseOf(name) + packumentPath(name), signal);
    }
  }

  return {
    hostOf: (name) => hostOf(baseOf(name)),
    tarballHost: (url) => {
      const target = tarballUrl(url);
      // A URL of another scheme may have no host.
      return (URL.canParse(target) && new URL(target).host) || null;
    },

    async manifest(name, version, signal) {
      const url = baseOf(name) + packumentPath(name);
      const host = hostOf(url);
      try {
        const packument = await readPackument(name, signal);
        const found = readManifest(packument, name, version);
        if (found) {
          const before = found.gained ? packument.versions?.[found.gained.since] : undefined;
          const known = await origin.added(found, { base: baseOf(name), name, version, before }, signal);
          return await withTimesOfGained(known, signal);
        }
      } catch (error) {
        if (errorCodeOf(error) !== 'egress.too-large') throw await upstream.judge(error, host, url, signal);
        // A few packages have published more than one ought to read; the version alone is better than nothing.
        try {
          const bytes = await readJson(`${url}/${encodeURIComponent(version)}`, manifestBytesMax, signal);
          const lone = readLoneManifest(parseJsonAnswer(bytes), name, version);
          return await origin.added(lone, { base: baseOf(name), name, version }, signal);
        } catch (loneError) {
          throw await upstream.judge(loneError, host, url, signal);
        }
      }
      throw new PermanentError(
        'registry.version-not-found',
        `The registry has ${name}, but no version ${version}.`,
      );
    },

    async newestVersion(name, signal) {
      const url = baseOf(name) + packumentPath(name);
      try {
        const bytes = await readJson(`${url}/latest`, manifestBytesMax, signal);
        return latestSchema.parse(parseJsonAnswer(bytes)).version;
      } catch (error) {
        throw await upstream.judge(error, hostOf(url), url, signal);
      }
    },

    document: (name, accept, signal) => upstream.archive(baseOf(name) + packumentPath(name), signal, accept),
    tarball: (url, signal) => upstream.archive(tarballUrl(url), signal),
    notAnArchive: (url, signal) => upstream.notAnArchive(tarballUrl(url), signal),
    isArchive: (url) => upstream.isArchive(tarballUrl(url)),
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

const withSlash = (url: string) => url.replace(/\/*$/, '/');

function parsePackument(bytes: Buffer): Packument {
  const json = parseJsonAnswer(bytes);
  const parsed = packumentSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new UnusableAnswer(
    new PermanentError('registry.invalid-metadata', 'The registry sent JSON that is no packument.'),
  );
}
