import { reachableVersion, type FacadeDocument, type Listing, type ListedVersion } from '@sluice/facades';
import semver from 'semver';
import { compareVersions } from '../versions.ts';

/** Fields of a version in the short form. Source: npm's registry, docs/responses/package-metadata.md; and `os`, `cpu`, `libc`, which all clients read. */
const abbreviatedFields = [
  'name',
  'version',
  'deprecated',
  'bin',
  'dist',
  'engines',
  'os',
  'cpu',
  'libc',
  'directories',
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
  'peerDependenciesMeta',
  'bundleDependencies',
  'bundledDependencies',
  'acceptDependencies',
  'hasInstallScript',
  '_hasShrinkwrap',
  'funding',
] as const;
/** npm looks held versions up by name only to say that a policy holds them; the newest ones are the wanted ones. */
const restrictedMax = 50;

const order = {
  compare: compareVersions,
  majorOf: (version: string) => semver.parse(version)?.major ?? null,
  isPrerelease: (version: string) => (semver.parse(version)?.prerelease.length ?? 0) > 0,
};

/** A packument of the approved versions, built from what the registry said of each of them. */
export function packument(listing: Listing, form: 'full' | 'abbreviated'): FacadeDocument | null {
  const { name, versions, held, modifiedAt } = listing;
  if (versions.length === 0) return null;
  const manifests = versions.map((one) => [one.version, manifestOf(one, listing)] as const);
  const shown =
    form === 'full' ? manifests : manifests.map(([version, one]) => [version, abbreviate(one)] as const);
  const restricted = held.slice(0, restrictedMax);
  const document = {
    ...(form === 'full' ? { _id: name } : {}),
    name,
    'dist-tags': approvedTags(listing),
    versions: Object.fromEntries(shown),
    time: timesOf(versions, modifiedAt),
    modified: modifiedAt,
    // npm alone reads it, and then says that a policy holds the version in place of that there is none.
    ...(restricted.length > 0 ? { policyRestrictions: restrictionsOf(name, restricted) } : {}),
  };
  const contentType = form === 'full' ? 'application/json' : 'application/vnd.npm.install-v1+json';
  return { contentType, body: JSON.stringify(document) };
}

/** One version's manifest, by its number or a tag. */
export function versionDocument(listing: Listing, wanted: string): FacadeDocument | null {
  const tags = approvedTags(listing);
  const version = Object.hasOwn(tags, wanted) ? tags[wanted] : wanted;
  const found = listing.versions.find((one) => one.version === version);
  return found ? { contentType: 'application/json', body: JSON.stringify(manifestOf(found, listing)) } : null;
}

export function tagsDocument(listing: Listing): FacadeDocument | null {
  if (listing.versions.length === 0) return null;
  return { contentType: 'application/json', body: JSON.stringify(approvedTags(listing)) };
}

/** Tags of approved versions; one whose version is held points to the version that stands for it, or is left out. */
function approvedTags({ tags, versions }: Listing): Record<string, string> {
  const approved = versions.map(({ version }) => version);
  const stated = Object.hasOwn(tags, 'latest') ? tags : { latest: highest(approved), ...tags };
  return Object.fromEntries(
    Object.entries(stated).flatMap(([tag, target]) => {
      const version = reachableVersion(approved, target, order);
      return version === null ? [] : [[tag, version] as const];
    }),
  );
}

/** A registry that has no tags leaves the choice to its clients, which take the highest stable version. */
function highest(approved: string[]): string {
  const stable = approved.filter((version) => !order.isPrerelease(version));
  return (stable.length > 0 ? stable : approved).at(-1)!;
}

/** The manifest as the registry sent it, but for the address of the archive. */
function manifestOf(
  { version, manifest }: ListedVersion,
  { name, baseUrl }: Listing,
): Record<string, unknown> {
  const base = name.split('/').at(-1)!;
  const dist = { ...(manifest['dist'] as object), tarball: `${baseUrl}/${name}/-/${base}-${version}.tgz` };
  return { ...manifest, dist };
}

function abbreviate(manifest: Record<string, unknown>): Record<string, unknown> {
  const kept = abbreviatedFields.flatMap((field) =>
    field in manifest ? [[field, manifest[field]] as const] : [],
  );
  const scripts = (manifest['scripts'] ?? {}) as Record<string, unknown>;
  const runs = ['preinstall', 'install', 'postinstall'].some((hook) => hook in Object(scripts));
  return { ...Object.fromEntries(kept), ...(runs ? { hasInstallScript: true } : {}) };
}

/** A version whose time is not known has none: clients with a minimum age then wait. */
function timesOf(versions: ListedVersion[], modified: string): Record<string, string> {
  const times = versions.flatMap(({ version, publishedAt }) =>
    publishedAt ? [[version, publishedAt] as const] : [],
  );
  const created = times.map(([, time]) => time).toSorted()[0];
  return { ...(created ? { created } : {}), modified, ...Object.fromEntries(times) };
}

function restrictionsOf(name: string, held: Listing['held']): object {
  const message = held
    .slice(0, 3)
    .map((one) => `${name}@${one.version}: ${one.message}`)
    .join('\n');
  return { message, versions: Object.fromEntries(held.map(({ version }) => [version, { name, version }])) };
}
