import {
  integrityAlgorithms,
  otherHashDigits,
  otherHashesMax,
  PermanentError,
  type PackageFile,
  type ProvenanceEvidence,
} from '@sluice/contracts';
import type { PackageManifest } from '@sluice/inspection';
import { unavailable } from '@sluice/provenance';
import type { UpstreamFile, VersionManifest } from '@sluice/registries';
import { manifestOf, repositoryOf, type CoreMetadata } from './core-metadata.ts';
import { readFileName, type FileName } from './file-names.ts';
import type { IndexFile, IndexPage } from './index-page.ts';
import { licenseStatement } from './license-statement.ts';
import { fitsPlatform, type InstallPlatform } from './platforms.ts';
import { comparePypiVersions, isPrerelease } from './versions.ts';

/** A file of an index's page with its address made whole, and with what its name says. */
export type ListedFile = Omit<IndexFile, 'url'> & { url: string; name: FileName };

/**
 * Files of one assessment, at most: events have 64 kB, and each file takes about 1.2 kB of the last one. The rest is not
 * assessed, so that nothing approves it.
 */
export const assessedFilesMax = 16;
const urlMaxChars = 2_048;

/**
 * The files of a version that pip would take, of all platforms.
 * @param version in any spelling: `1.0` is `1.0.0`.
 * @param pageUrl address that relative links are meant from.
 */
export function filesOfVersion(
  page: IndexPage,
  { name, version, pageUrl }: { name: string; version: string; pageUrl: string },
): ListedFile[] {
  return page.files.flatMap((listed) => {
    const named = readFileName(listed.file, name);
    if (named === null || comparePypiVersions(named.version, version) !== 0) return [];
    if (!URL.canParse(listed.url, pageUrl)) return [];
    const { href } = new URL(listed.url, pageUrl);
    const { provenance: stated } = listed;
    const provenance =
      stated !== null && URL.canParse(stated, pageUrl) ? new URL(stated, pageUrl).href : stated;
    return href.length > urlMaxChars ? [] : [{ ...listed, url: href, provenance, name: named }];
  });
}

/** The files that pip would take, of all versions. */
export function filesOfAllVersions(page: IndexPage, name: string): UpstreamFile[] {
  return page.files.flatMap((listed) => {
    const named = readFileName(listed.file, name);
    if (named === null) return [];
    const { file, sizeBytes, hashes } = listed;
    const stated = statedFile(listed);
    return [{ version: named.version, file, sizeBytes, sha256: hashes['sha256'] ?? null, stated }];
  });
}

/** The version that pip takes of a project that is named without one; null for a project without any. */
export function newestOf(page: IndexPage, name: string): string | null {
  const installable = page.files.flatMap(({ file, yanked }) => {
    const named = readFileName(file, name);
    return named !== null && yanked === null ? [named.version] : [];
  });
  const stable = installable.filter((version) => !isPrerelease(version));
  const order = (a: string, b: string) => comparePypiVersions(a, b) ?? 0;
  return (stable.length > 0 ? stable : installable).toSorted(order).at(-1) ?? null;
}

/**
 * The files that are assessed: those that fit one of the platforms, or all where none fits, since the request may be for a
 * platform that nobody configured. Source distributions first, then by name.
 * @param platforms none stands for all.
 */
export function filesToAssess(
  files: readonly ListedFile[],
  platforms: readonly InstallPlatform[],
): ListedFile[] {
  const fitting = files.filter(({ name, requiresPython }) =>
    platforms.some((platform) => fitsPlatform(name, requiresPython, platform)),
  );
  const chosen = fitting.some(({ name }) => name.kind === 'wheel') || files.every(isSdist) ? fitting : [];
  return (chosen.length > 0 ? chosen : [...files]).toSorted(byKindAndName).slice(0, assessedFilesMax);
}

function isSdist({ name }: ListedFile): boolean {
  return name.kind === 'sdist';
}

function byKindAndName(a: ListedFile, b: ListedFile): number {
  return Number(isSdist(b)) - Number(isSdist(a)) || rankOf(b) - rankOf(a) || (a.file < b.file ? -1 : 1);
}

/** Wheels for any platform are the ones that most installers take, then those of the newest Python. */
function rankOf({ name }: ListedFile): number {
  if (name.kind !== 'wheel') return 0;
  if (name.tags.some(({ platform }) => platform === 'any')) return 1_000;
  return Math.max(...name.tags.map(({ python }) => Number(/^cp3(\d+)/.exec(python)?.[1] ?? 0)));
}

export interface VersionFacts {
  name: string;
  version: string;
  page: IndexPage;
  /** All files of the version. */
  files: readonly ListedFile[];
  platforms: readonly InstallPlatform[];
  /** What the registry states of the version beside its files; null where it serves nothing. */
  metadata: CoreMetadata | null;
  /** Attestations by the name of the file. */
  provenance: ReadonlyMap<string, ProvenanceEvidence>;
  /** The attestation of the version before; null where there is none before. */
  provenanceBefore: VersionManifest['provenanceBefore'];
}

/**
 * Everything that an index says of a version. The publish time is that of the latest upload among the assessed files: files are
 * added to old versions, and a new one is as new as any new version.
 */
export function versionManifest({
  name,
  version,
  page,
  files,
  platforms,
  metadata,
  provenance,
  provenanceBefore,
}: VersionFacts): VersionManifest {
  const assessed = filesToAssess(files, platforms);
  return {
    raw: { name, version, metadata, files: files.map(statedFile), status: page.status },
    license: metadata === null ? undefined : licenseStatement(metadata),
    publishedAt: latest(assessed.map(({ uploadedAt }) => uploadedAt)),
    firstSeenAt: earliest(page.files.map(({ uploadedAt }) => uploadedAt)),
    withdrawn: withdrawal(page, assessed),
    repositoryUrl: metadata === null ? null : (repositoryOf(metadata)?.slice(0, urlMaxChars) ?? null),
    // The simple API has no accounts.
    publisher: null,
    // Without a wheel, an installer runs the build of the source distribution.
    runsAtInstall: assessed.every(isSdist) ? ['build'] : [],
    previousRanAtInstall: previousBuilt(page, { name, version }, platforms),
    gained: null,
    otherHashes: otherHashes(files, assessed),
    provenanceBefore,
    files: assessed.map((file) => toPackageFile(file, provenance.get(file.file) ?? unavailable)),
  };
}

/** The part of the metadata that rules compare with the archive's own; null where the registry served none. */
export function registeredManifest({ metadata }: Record<string, unknown>): PackageManifest | null {
  // Written by this client, into the store and out of it by digest.
  return metadata ? manifestOf(metadata as CoreMetadata) : null;
}

/** A lockfile pins the files of all platforms. */
function otherHashes(files: readonly ListedFile[], assessed: readonly ListedFile[]): string[] {
  return files
    .filter((file) => !assessed.includes(file))
    .flatMap(({ hashes }) => hashes.sha256?.slice(0, otherHashDigits) ?? [])
    .slice(0, otherHashesMax);
}

function toPackageFile(
  { file, name, url, sizeBytes, hashes }: ListedFile,
  provenance: ProvenanceEvidence,
): PackageFile {
  return {
    file,
    kind: name.kind,
    platform: name.kind === 'wheel' && !name.tagText.endsWith('-none-any') ? name.tagText : null,
    url,
    sizeBytes,
    hashes: integrityAlgorithms.flatMap((algorithm) => {
      const hex = hashes[algorithm];
      return hex === undefined ? [] : [{ algorithm, hex }];
    }),
    provenance,
  };
}

function statedFile({ file, hashes, requiresPython, sizeBytes, uploadedAt, yanked }: IndexFile) {
  return { file, hashes, requiresPython, sizeBytes, uploadedAt, yanked };
}

/** One yanked file is enough: which of them an installer takes is not known here. */
function withdrawal({ status }: IndexPage, files: readonly ListedFile[]): VersionManifest['withdrawn'] {
  if (status && status.status !== 'active') {
    const how = status.status === 'quarantined' ? 'yanked' : 'deprecated';
    return { how, reason: `The project is ${status.status}. ${status.reason}`.trim() };
  }
  const yanked = files.find((file) => file.yanked !== null);
  return yanked ? { how: 'yanked', reason: yanked.yanked! } : null;
}

/** Null when a time is missing: a file of unknown age may be new. */
function latest(times: readonly (string | null)[]): string | null {
  return times.includes(null) ? null : ((times as string[]).toSorted().at(-1) ?? null);
}

function earliest(times: readonly (string | null)[]): string | null {
  return times.filter((time) => time !== null).toSorted()[0] ?? null;
}

/** The highest lower version; null for the first one. */
export function previousVersion(
  page: IndexPage,
  { name, version }: { name: string; version: string },
): string | null {
  const earlier = page.files.flatMap((listed) => {
    const named = readFileName(listed.file, name);
    return named && (comparePypiVersions(named.version, version) ?? 0) < 0 ? [named.version] : [];
  });
  return earlier.reduce<string | null>(
    (highest, one) => (highest === null || (comparePypiVersions(one, highest) ?? 0) > 0 ? one : highest),
    null,
  );
}

/** Whether the version before had to be built as well; null for the first one. */
function previousBuilt(
  page: IndexPage,
  { name, version }: { name: string; version: string },
  platforms: readonly InstallPlatform[],
): boolean | null {
  const previous = previousVersion(page, { name, version });
  if (previous === null) return null;
  const files = filesOfVersion(page, { name, version: previous, pageUrl: 'https://registry.example/' });
  return filesToAssess(files, platforms).every(isSdist);
}

/** @throws PermanentError `registry.version-not-found`. */
export function versionMissing(name: string, version: string): never {
  throw new PermanentError(
    'registry.version-not-found',
    `The registry has ${name}, but no file of version ${version}.`,
  );
}
