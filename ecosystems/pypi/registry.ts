import { createHash, randomUUID } from 'node:crypto';
import { PermanentError, TransientError, plainAddress } from '@sluice/contracts';
import type { Egress } from '@sluice/egress';
import {
  DocumentCache,
  hostOf,
  UnusableAnswer,
  Upstream,
  type Registry,
  type RegistryClient,
  type RegistrySettings,
} from '@sluice/registries';
import { metadataMaxBytes, readCoreMetadata, type CoreMetadata } from './core-metadata.ts';
import { readIndexPage, type IndexPage } from './index-page.ts';
import { readJsonMetadata } from './json-metadata.ts';
import { pypiNames } from './names.ts';
import { PypiOrigin } from './origin.ts';
import { readPlatform } from './platforms.ts';
import {
  filesOfAllVersions,
  filesOfVersion,
  filesToAssess,
  newestOf,
  versionManifest,
  versionMissing,
  type ListedFile,
} from './read-version.ts';

/** Pages of projects with nightly builds have tens of megabytes. */
const pageBytesMax = 48 * 1024 * 1024;
/** Lists all files of all versions in some registries. */
const jsonBytesMax = 16 * 1024 * 1024;
/** Room for the pages of a usual lockfile, of which few have more than a megabyte. */
const cacheLimits = { maxBytes: 16 * 1024 * 1024, ttlMs: 60_000 };
/** Answers up to this size are asked for again to see whether their host is well. */
const witnessBytesMax = 256 * 1024;

/** JSON first; some registries have pages only. Source: PEP 691, "Version + format selection". */
const pageTypes =
  'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1';

export const pypiClient: RegistryClient = { type: 'pypi', open: pypiRegistry };

/**
 * Client of an index that has the simple API, as JSON or as pages. Its address is the one that pip has as `index-url`. Metadata of
 * a version come from the file beside a wheel (PEP 658), or from the JSON API, which an index need not have.
 */
function pypiRegistry(
  { url, credentials, platforms: texts = [], trustedRoot }: RegistrySettings,
  egress: Egress,
): Registry {
  const base = plainAddress(url);
  const host = hostOf(base);
  const platforms = texts.map(platformOrRefuse);
  const jsonBase = base.endsWith('/simple/') ? base.replace(/simple\/$/, 'pypi/') : null;
  const cache = new DocumentCache<IndexPage>(readIndexPage, cacheLimits);
  const upstream = new Upstream(egress, credentials, (of) =>
    of === host ? (signal) => upstream.misses(`${base}sluice-probe-${randomUUID()}/`, signal) : null,
  );

  const origin = new PypiOrigin(upstream, trustedRoot);

  async function readPage(name: string, signal: AbortSignal): Promise<IndexPage> {
    const pageUrl = pageUrlOf(name);
    let isSmall = false;
    const read = async (maxBytes: number, of: AbortSignal) =>
      (await upstream.read(pageUrl, { maxBytes, accept: pageTypes }, of)).bytes;
    const load = async (flightSignal: AbortSignal) => {
      const bytes = await read(pageBytesMax, flightSignal);
      isSmall = bytes.length <= witnessBytesMax;
      return bytes;
    };
    const page = await cache.get(name, load, signal);
    if (isSmall)
      upstream.answeredWell(host, pageUrl, async (of) => readIndexPage(await read(witnessBytesMax, of)));
    return page;
  }

  function pageUrlOf(name: string): string {
    const canonical = pypiNames.canonicalName(name);
    // Anything else could lead to another part of the registry.
    if (!pypiNames.isName(name)) versionMissing(JSON.stringify(name.slice(0, 80)), '');
    return `${base}${canonical}/`;
  }

  async function readMetadata(
    name: string,
    version: string,
    files: readonly ListedFile[],
    signal: AbortSignal,
  ): Promise<CoreMetadata | null> {
    const wheel = files.find((file) => file.name.kind === 'wheel');
    const announced = files.find(({ coreMetadata }) => coreMetadata !== null);
    const ofFile = (file: ListedFile | undefined) =>
      file ? optional(`${file.url}.metadata`, (of) => readFileMetadata(file, of), signal) : null;
    const ofJson = () => {
      if (jsonBase === null) return null;
      const jsonUrl = `${jsonBase}${name}/${encodeURIComponent(version)}/json`;
      return optional(jsonUrl, (of) => readJson(jsonUrl, of), signal);
    };
    const found = (await ofFile(announced)) ?? (await ofJson());
    // Some registries serve the file without announcing it.
    return found ?? (announced ? null : await ofFile(wheel));
  }

  async function readFileMetadata(file: ListedFile, signal: AbortSignal): Promise<CoreMetadata> {
    const request = { maxBytes: metadataMaxBytes, accept: '*/*' };
    const { bytes } = await upstream.read(`${file.url}.metadata`, request, signal);
    const stated = file.coreMetadata?.sha256 ?? null;
    const isStated = stated === null || createHash('sha256').update(bytes).digest('hex') === stated;
    const metadata = readCoreMetadata(bytes.toString('utf8'));
    if (isStated && metadata.name !== null) return metadata;
    throw new UnusableAnswer(
      new TransientError(
        'registry.invalid-metadata',
        'The metadata of a file are not those that the registry states.',
      ),
    );
  }

  async function readJson(jsonUrl: string, signal: AbortSignal): Promise<CoreMetadata> {
    const request = { maxBytes: jsonBytesMax, accept: 'application/json' };
    return readJsonMetadata((await upstream.read(jsonUrl, request, signal)).bytes);
  }

  /** A document that a registry need not have. Only an outage is an error: then it is not known whether there is one. */
  async function optional(
    documentUrl: string,
    read: (signal: AbortSignal) => Promise<CoreMetadata>,
    signal: AbortSignal,
  ): Promise<CoreMetadata | null> {
    try {
      return await read(signal);
    } catch (error) {
      const judged = await upstream.judge(error, hostOf(documentUrl), documentUrl, signal);
      if (judged instanceof PermanentError) return null;
      if (judged instanceof TransientError && judged.code === 'registry.invalid-metadata') return null;
      throw judged;
    }
  }

  return {
    hostOf: () => host,
    tarballHost: (archiveUrl) => hostOf(archiveUrl) || null,

    async manifest(name, version, signal) {
      const pageUrl = pageUrlOf(name);
      let page: IndexPage;
      try {
        page = await readPage(name, signal);
      } catch (error) {
        throw await upstream.judge(error, host, pageUrl, signal);
      }
      const files = filesOfVersion(page, { name, version, pageUrl });
      if (files.length === 0) versionMissing(name, version);
      const assessed = filesToAssess(files, platforms);
      const [metadata, known] = await Promise.all([
        readMetadata(name, version, assessed, signal),
        origin.of(assessed, page, { name, version, pageUrl }, signal),
      ]);
      return versionManifest({ name, version, page, files, platforms, metadata, ...known });
    },

    async newestVersion(name, signal) {
      const pageUrl = pageUrlOf(name);
      try {
        return newestOf(await readPage(name, signal), name) ?? versionMissing(name, '');
      } catch (error) {
        throw await upstream.judge(error, host, pageUrl, signal);
      }
    },

    async files(name, signal) {
      const pageUrl = pageUrlOf(name);
      try {
        return filesOfAllVersions(await readPage(name, signal), name);
      } catch (error) {
        throw await upstream.judge(error, host, pageUrl, signal);
      }
    },

    document: (name, accept, signal) => upstream.archive(pageUrlOf(name), signal, accept),
    tarball: (archiveUrl, signal) => upstream.archive(archiveUrl, signal),
    notAnArchive: (archiveUrl, signal) => upstream.notAnArchive(archiveUrl, signal),
    isArchive: (archiveUrl) => upstream.isArchive(archiveUrl),
  };
}

function platformOrRefuse(text: string) {
  const platform = readPlatform(text);
  if (platform) return platform;
  throw new PermanentError(
    'config.invalid',
    `REGISTRIES: pypi.platforms: ${JSON.stringify(text)} is no platform such as cp312-linux-x64-glibc.`,
  );
}
