import { boundedText, PermanentError, statedHashes } from '@sluice/contracts';
import type { VersionManifest } from '@sluice/registries';
import { z } from 'zod';
import { readPackageManifest } from './manifest.ts';
import { isExactVersion } from './name.ts';
import { previousVersion } from './previous-version.ts';

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)$/;
/** The first version on npm's registry is of November 2010; some registries give older ones the time that they had. */
const firstPublish = Date.UTC(2009, 0);

/**
 * Required fields of a packument: versions, or that all of them were unpublished. All are untrusted.
 */
export const packumentSchema = z
  .object({
    versions: z.record(z.string(), z.unknown()).optional(),
    time: z.record(z.string(), z.unknown()).optional().catch(undefined),
    'dist-tags': z.record(z.string(), z.unknown()).optional().catch(undefined),
  })
  .refine(({ versions, time }) => versions !== undefined || time?.['unpublished'] !== undefined);
export type Packument = z.infer<typeof packumentSchema>;

/** Bounds on fields of events; no real value comes near. */
const urlLengthMax = 2_048;
const deprecatedLengthMax = 1_000;
const publisherLengthMax = 200;
const gainedMax = 200;
/** Some packages have a tag for each branch that was ever published. */
const tagsMax = 500;
const tagLengthMax = 214;

const text = z.string().optional().catch(undefined);

/** Fifteen years of manifests: every field may hold anything, and an unexpected value counts as absent. */
const manifestSchema = z.looseObject({
  deprecated: z.unknown().optional(),
  scripts: z.record(z.string(), z.unknown()).optional().catch(undefined),
  hasInstallScript: z.boolean().optional().catch(undefined),
  gypfile: z.boolean().optional().catch(undefined),
  repository: z
    .union([z.string(), z.looseObject({ url: text })])
    .optional()
    .catch(undefined),
  dist: z.looseObject({
    tarball: z.string().max(urlLengthMax),
    integrity: z.string().max(4_096).optional().catch(undefined),
    shasum: z.string().max(128).optional().catch(undefined),
  }),
  _npmUser: z.looseObject({ name: text }).optional().catch(undefined),
});
type Manifest = z.infer<typeof manifestSchema>;

const installHooks = ['preinstall', 'install', 'postinstall'];

/**
 * Reads one version out of a packument.
 * @returns null when the packument does not have the version.
 * @throws PermanentError `registry.invalid-metadata` when the version's entry cannot be read.
 */
export function readManifest(packument: Packument, name: string, version: string): VersionManifest | null {
  const versions = packument.versions ?? {};
  if (!Object.hasOwn(versions, version)) return null;
  const raw = versions[version];
  const manifest = parseManifest(raw, version);
  const timeOf = (of: string) => publishTime(packument, of)?.getTime() ?? null;
  const previous = previousVersion(version, Object.keys(versions), timeOf);
  const previousHooks = previous === null ? null : hooksOf(versions[previous]);
  return {
    ...manifestFacts(manifest, raw as Record<string, unknown>, { name, version }),
    tags: tagsOf(packument),
    publishedAt: publishTime(packument, version)?.toISOString() ?? null,
    firstSeenAt: firstSeenAt(packument),
    previousRanAtInstall: previousHooks && previousHooks.length > 0,
    gained: previous === null ? null : gainedSince(previous, versions[previous], raw, manifest),
  };
}

/** The tags that name a version; those that every package has come first in packuments. */
function tagsOf(packument: Packument): Record<string, string> {
  const stated = Object.entries(packument['dist-tags'] ?? {}).filter(
    (entry): entry is [string, string] =>
      typeof entry[1] === 'string' && entry[0].length <= tagLengthMax && isExactVersion(entry[1]),
  );
  return Object.fromEntries(stated.slice(0, tagsMax));
}

/** @param raw of the version itself, as `before` is of the one before it. The times of dependencies are not known here. */
function gainedSince(
  since: string,
  before: unknown,
  raw: unknown,
  { _npmUser }: Manifest,
): VersionManifest['gained'] {
  const earlier = manifestSchema.safeParse(before);
  if (!earlier.success) return null;
  const publisher = earlier.data._npmUser?.name;
  const isOther = publisher !== undefined && _npmUser?.name !== undefined && publisher !== _npmUser.name;
  const known = new Set(dependencyNames(before));
  return {
    since,
    publisherBefore: isOther ? boundedText(publisher, publisherLengthMax) : null,
    dependencies: dependencyNames(raw)
      .filter((name) => !known.has(name))
      .map((name) => ({ name, firstSeenAt: null })),
  };
}

/** Names of dependencies that are installed with a version. */
function dependencyNames(raw: unknown): string[] {
  const { dependencies, optionalDependencies } = readPackageManifest(raw as Record<string, unknown>);
  return [...new Set([...Object.keys(dependencies), ...Object.keys(optionalDependencies)])].slice(
    0,
    gainedMax,
  );
}

/** The time at which the registry got the first version of a package, as far as it says. */
export function firstSeenAt(packument: Packument): string | null {
  return publishTime(packument, 'created')?.toISOString() ?? null;
}

/** Reads a version's manifest that came alone: its publish time and its predecessor are unknown. */
export function readLoneManifest(raw: unknown, name: string, version: string): VersionManifest {
  const manifest = parseManifest(raw, version);
  const facts = manifestFacts(manifest, raw as Record<string, unknown>, { name, version });
  return { ...facts, publishedAt: null, firstSeenAt: null, previousRanAtInstall: null, gained: null };
}

function manifestFacts(
  { dist, repository, deprecated, _npmUser }: Manifest,
  raw: Record<string, unknown>,
  of: { name: string; version: string },
) {
  const repositoryUrl = typeof repository === 'string' ? repository : repository?.url;
  const publisher = _npmUser?.name;
  return {
    raw,
    license: isStated(raw.license) ? raw.license : raw.licenses,
    // npm writes `false` and the empty string for "no longer deprecated".
    withdrawn:
      typeof deprecated === 'string' && deprecated !== ''
        ? { how: 'deprecated' as const, reason: boundedText(deprecated, deprecatedLengthMax) }
        : null,
    runsAtInstall: hooksOf(raw) ?? [],
    repositoryUrl: repositoryUrl === undefined ? null : boundedText(repositoryUrl, urlLengthMax),
    publisher: publisher ? boundedText(publisher, publisherLengthMax) : null,
    files: [
      {
        file: tarballName(of),
        kind: 'tarball',
        platform: null,
        url: dist.tarball,
        sizeBytes: null,
        hashes: statedHashes({ integrity: dist.integrity || null, shasum: dist.shasum || null }),
      },
    ],
  };
}

/** The one file of a version has the same name at each address, so that it is known again. */
function tarballName({ name, version }: { name: string; version: string }): string {
  return `${name.split('/').at(-1)}-${version}.tgz`;
}

function parseManifest(raw: unknown, version: string): Manifest {
  const parsed = manifestSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw new PermanentError(
    'registry.invalid-metadata',
    `The entry of ${version}: ${z.prettifyError(parsed.error)}`,
  );
}

/** Names of the hooks that run at install; null when the entry cannot be read. */
function hooksOf(raw: unknown): string[] | null {
  const parsed = manifestSchema.pick({ scripts: true, hasInstallScript: true, gypfile: true }).safeParse(raw);
  if (!parsed.success) return null;
  const { scripts = {}, hasInstallScript, gypfile } = parsed.data;
  const hooks = installHooks.filter((hook) => typeof scripts[hook] === 'string' && scripts[hook] !== '');
  // With `gypfile` npm runs node-gyp as the install hook unless there is one; an abbreviated packument says only
  // that there is some hook.
  const implied = gypfile === true && !hooks.includes('install') && !hooks.includes('preinstall');
  return implied || (hasInstallScript === true && hooks.length === 0) ? [...hooks, 'install'] : hooks;
}

/** Null for anything but a full time since npm exists: `Date` makes a year of long ago of almost any text. */
function publishTime(packument: Packument, version: string): Date | null {
  const time = packument.time && Object.hasOwn(packument.time, version) ? packument.time[version] : undefined;
  if (typeof time !== 'string' || !isoTime.test(time)) return null;
  const parsed = new Date(time);
  return parsed.getTime() >= firstPublish ? parsed : null;
}

function isStated(license: unknown): boolean {
  return license !== undefined && license !== null && license !== '';
}
