import type { ArtifactStore } from '@sluice/artifacts';
import type { Facade, HeldVersion, Listing } from '@sluice/facades';
import { z } from 'zod';
import type { Release } from '@sluice/contracts';
import type { UpstreamFile } from '@sluice/registries';
import { answerFor, describeHold, isReleased } from '../standings/hold.ts';
import { unpackRelease } from '../standings/packed-release.ts';
import type { Place, StandingIndex } from '../standings/standing-index.ts';

/** Manifests of some hundred kilobytes are the largest. */
const manifestBytesMax = 4 * 1024 * 1024;
/** Manifests read at once: enough to hide the store's latency. */
const readsMax = 16;
/** Held versions that a document names. */
const heldMax = 100;
/** The same where clients choose among them. */
const heldOfUpstreamMax = 2_000;

const objectSchema = z.record(z.string(), z.unknown());
const tagsSchema = z.record(z.string(), z.string());

export interface ListingOf {
  listing: Listing;
  /** When the first approval in it ends, in milliseconds since 1970. */
  untilMs: number;
}

interface ListingGiven {
  index: StandingIndex;
  artifacts: ArtifactStore;
  nowMs: number;
  /** A version that is held, and may not be known yet. */
  held?: string | undefined;
  /** What the registry lists, where everything that is held is shown. */
  upstream?: readonly UpstreamFile[] | null;
}

/**
 * What is known of a package in a scope, for its documents: the approved versions with what the registry said of them, and
 * those that are held.
 * @throws errors of the artifact store.
 */
export async function readListing(
  place: Omit<Place, 'version'>,
  facade: Facade,
  baseUrl: string,
  given: ListingGiven,
): Promise<ListingOf> {
  const { index, artifacts, nowMs } = given;
  const ascending = [...index.versions(place)].toSorted(
    ([a], [b]) => facade.names.compareVersions(a, b) ?? 0,
  );
  const approved = ascending.filter(([version]) => isReleased(index, { ...place, version }, nowMs));
  const released = new Set(approved.map(([version]) => version));
  const waiting = ascending
    .map(([version]) => version)
    .filter((version) => !released.has(version))
    .toReversed();
  const upstream = byVersion(given.upstream ?? []);
  const others = [...(given.held === undefined ? [] : [given.held]), ...[...upstream.keys()].toReversed()];
  const unknown = new Set(others.filter((version) => !index.versions(place).has(version)));
  const held = [...waiting, ...unknown]
    .slice(0, upstream.size > 0 ? heldOfUpstreamMax : heldMax)
    .map((version) => heldVersion(index, { ...place, version }, upstream.get(version) ?? [], nowMs));
  const releases = approved.map(([version, { release }]) => ({ version, release: unpackRelease(release!) }));
  const read = (digest: string) => artifacts.read(digest, manifestBytesMax);
  const versions = await mapLimited(releases, readsMax, async ({ version, release }) => ({
    version,
    publishedAt: release.publishedAt,
    manifest: objectSchema.parse(JSON.parse((await read(release.metadataDigest)).toString())),
    files: release.files.map(({ file, platform, sizeBytes, artifactDigest }) => ({
      file,
      platform,
      sizeBytes,
      sha256: artifactDigest.slice('sha256:'.length),
    })),
  }));
  const tagsDigest = newestTags(releases.map(({ release }) => release));
  const tags = tagsDigest === null ? {} : tagsSchema.parse(JSON.parse((await read(tagsDigest)).toString()));
  const modifiedAt = new Date(
    Math.max(0, ...approved.map(([, { decidedAt }]) => decidedAt ?? 0)),
  ).toISOString();
  return {
    listing: { name: place.name, baseUrl, versions, held, tags, modifiedAt },
    untilMs: Math.min(...approved.map(([, { until }]) => until ?? Infinity)),
  };
}

function heldVersion(index: StandingIndex, place: Place, files: UpstreamFile[], nowMs: number): HeldVersion {
  const answer = answerFor(index, place, nowMs);
  return { version: place.version, message: 'hold' in answer ? describeHold(answer.hold) : '', files };
}

function byVersion(files: readonly UpstreamFile[]): Map<string, UpstreamFile[]> {
  const versions = new Map<string, UpstreamFile[]>();
  for (const file of files) {
    const known = versions.get(file.version);
    if (known) known.push(file);
    else versions.set(file.version, [file]);
  }
  return versions;
}

/** Of the registry's answers, the newest knows best where a tag points. */
function newestTags(releases: Release[]): string | null {
  const stated = releases.filter(({ tagsDigest }) => tagsDigest !== null);
  return (
    stated.toSorted((a, b) => Date.parse(b.gatheredAt) - Date.parse(a.gatheredAt))[0]?.tagsDigest ?? null
  );
}

async function mapLimited<In, Out>(
  items: readonly In[],
  limit: number,
  work: (item: In) => Promise<Out>,
): Promise<Out[]> {
  const results: Out[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const at = next++;
      results[at] = await work(items[at]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
