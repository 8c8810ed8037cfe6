import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { errorCodeOf, PermanentError, TransientError } from '@sluice/contracts';
import { RefusedRedirect, type Egress, type EgressResponse } from '@sluice/egress';
import {
  authorizationFor,
  DocumentCache,
  headBytes,
  HostWitness,
  isNoArchive,
  UnusableAnswer,
  type Registry,
  type RegistryClient,
  type RegistrySettings,
  type VersionManifest,
} from '@sluice/registries';
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

/** The registry does not have it: for this version that is final. */
const absentStatuses = new Set([404, 410, 451]);
/** The registry does not let us have it. Portals and registries whose token has run out say so of everything. */
const deniedStatuses = new Set([401, 403, 407]);
/** Answers up to this size are asked for again to see whether their host is well. */
const witnessBytesMax = 256 * 1024;

export const npmClient: RegistryClient = { type: 'npm', open: npmRegistry };

/**
 * Client of a registry that speaks npm's protocol. An archive's address with the usual path is fetched from the
 * configured registry, for any host in it; mirrors often name the host that they mirror.
 */
function npmRegistry(
  { url: address, scopes: scoped, credentials }: RegistrySettings,
  egress: Egress,
): Registry {
  const main = withSlash(address);
  const scopes = new Map([...scoped].map(([scope, url]) => [scope, withSlash(url)]));
  const bases = [main, ...scopes.values()];
  const baseOf = (name: string) => scopes.get(name.split('/')[0]!) ?? main;
  const cache = new DocumentCache<Packument>(parsePackument, cacheLimits);

  const headersFor = (url: string): Record<string, string> => {
    const authorization = authorizationFor(url, credentials);
    return authorization === undefined ? {} : { authorization };
  };

  const witness = new HostWitness((of) => {
    const base = bases.find((known) => hostOf(known) === of);
    return base === undefined ? null : (signal) => missesWhatIsNotThere(base, signal);
  });

  /** A registry answers 404 for a package that cannot exist; a portal has the same answer for everything. */
  async function missesWhatIsNotThere(base: string, signal: AbortSignal): Promise<void> {
    const found = await readJson(`${base}sluice-probe-${randomUUID()}`, witnessBytesMax, signal).catch(
      (error: unknown) => {
        if (errorCodeOf(error) !== 'registry.version-not-found') throw error;
        return null;
      },
    );
    if (found !== null) throw new Error('The registry has a package that cannot exist.');
  }

  /** An answer that no registry gives is an outage of the host, unless it answers others well. */
  async function judge(error: unknown, of: string, key: string, signal: AbortSignal): Promise<unknown> {
    if (!(error instanceof UnusableAnswer)) return error;
    return (await witness.isWell(of, key, signal)) ? error.own : unusable(of, error);
  }

  async function readJson(url: string, maxBytes: number, signal: AbortSignal): Promise<Buffer> {
    const request = {
      signal,
      maxBytes,
      headers: headersFor(url),
      accept: 'application/json',
      compressed: true,
    };
    const { status, bytes } = await egress.getBytes(url, request).catch(refusedRedirect);
    if (status === 200) return bytes;
    throw refusal(status, new URL(url).pathname);
  }

  /** Where an archive is fetched from. */
  function tarballUrl(stated: string): string {
    if (bases.some((known) => stated.startsWith(known))) return stated;
    const path = URL.canParse(stated) ? new URL(stated).pathname : '';
    const usual = /\/((?:@[^/]+(?:\/|%2f))?[^/@]+\/-\/[^/]+)$/i.exec(path)?.[1];
    return usual ? baseOf(usual.replace(/%2f/i, '/')) + usual : stated;
  }

  async function fetchArchive(target: string, signal: AbortSignal): Promise<EgressResponse> {
    return await egress.fetch(target, { signal, headers: headersFor(target) }).catch(refusedRedirect);
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
      witness.answeredWell(hostOf(url), url, ask);
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
      throw await judge(error, host, baseOf(name) + packumentPath(name), signal);
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
        const found = readManifest(await readPackument(name, signal), name, version);
        if (found) return await withTimesOfGained(found, signal);
      } catch (error) {
        if (errorCodeOf(error) !== 'egress.too-large') throw await judge(error, host, url, signal);
        // A few packages have published more than one ought to read; the version alone is better than nothing.
        try {
          const bytes = await readJson(`${url}/${encodeURIComponent(version)}`, manifestBytesMax, signal);
          return readLoneManifest(parseJson(bytes), name, version);
        } catch (loneError) {
          throw await judge(loneError, host, url, signal);
        }
      }
      throw new PermanentError(
        'registry.version-not-found',
        `The registry has ${name}, but no version ${version}.`,
      );
    },

    async tarball(url, signal) {
      const target = tarballUrl(url);
      try {
        const { status, headers, body } = await fetchArchive(target, signal);
        if (status === 200) return { body, contentType: headers['content-type'] ?? null };
        body.on('error', () => {}).destroy();
        if (absentStatuses.has(status)) return null;
        throw refusal(status, 'an archive');
      } catch (error) {
        const judged = await judge(error, hostOf(target), target, signal);
        if (errorCodeOf(judged) === 'registry.version-not-found') return null;
        throw judged;
      }
    },

    async notAnArchive(url, signal) {
      const target = tarballUrl(url);
      const of = hostOf(target);
      const own = new TransientError('registry.unusable-answer', `${of} sends text in place of the archive.`);
      return (await judge(new UnusableAnswer(own), of, target, signal)) as TransientError;
    },

    isArchive(url) {
      const target = tarballUrl(url);
      witness.answeredWell(hostOf(target), target, async (signal) => {
        const { status, headers, body } = await fetchArchive(target, signal);
        const head = await readHead(body);
        if (status !== 200 || isNoArchive(headers['content-type'] ?? null, head))
          throw refusal(status, target);
      });
    },
  };
}

const hostOf = (url: string) => (URL.canParse(url) ? new URL(url).host : '');

/** The error for a status other than 200; 408, 429 and 5xx are outages and never get here. */
function refusal(status: number, what: string): Error {
  const text = `The registry answers ${status} for ${what}.`;
  const absent = new PermanentError('registry.version-not-found', text);
  if (absentStatuses.has(status)) return absent;
  if (deniedStatuses.has(status)) return new UnusableAnswer(absent);
  return new UnusableAnswer(new TransientError('registry.invalid-metadata', text));
}

function refusedRedirect(error: unknown): never {
  throw error instanceof RefusedRedirect ? new UnusableAnswer(error) : error;
}

/** The host is out of order, and another may answer in its place. */
function unusable(host: string, cause: UnusableAnswer): TransientError {
  return new TransientError(
    'registry.unusable-answer',
    `${host} does not answer as a registry does: ${cause.message}`,
    { cause, host },
  );
}

/** Reads the start of a body and drops the rest. */
async function readHead(body: Readable): Promise<Buffer> {
  let head = Buffer.alloc(0);
  for await (const chunk of body) {
    head = Buffer.concat([head, chunk as Buffer]);
    if (head.length >= headBytes) break;
  }
  return head.subarray(0, headBytes);
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
  const json = parseJson(bytes);
  const parsed = packumentSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new UnusableAnswer(
    new PermanentError('registry.invalid-metadata', 'The registry sent JSON that is no packument.'),
  );
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    const own = new TransientError(
      'registry.invalid-metadata',
      'The registry sent something that is not JSON.',
      { cause },
    );
    throw new UnusableAnswer(own);
  }
}
