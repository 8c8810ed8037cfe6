import { createHash } from 'node:crypto';
import { integrityOf, startFakeHost, type Answer, type FakeHost } from '@sluice/testkit/fakes';
import { buildNpmTarball } from './npm-tarball.ts';

export interface FakePackage {
  name: string;
  version: string;
  /** Further fields of package.json and of the registry's manifest, such as `license`, `scripts`, `deprecated`. */
  manifest?: Record<string, unknown>;
  /** Fields that only the registry's manifest has, or has differently. */
  registryManifest?: Record<string, unknown>;
  /** Content of the tarball beside package.json, by path. */
  files?: Record<string, string | Uint8Array>;
  /** Further fields of `dist`, such as `signatures` and `attestations`. */
  dist?: (published: { integrity: string }) => Record<string, unknown>;
  /** The bytes to serve instead of a built tarball. */
  tarball?: Uint8Array;
  /** ISO time; left out of `time` when null. */
  publishedAt?: string | null;
}

export interface PublishedPackage {
  name: string;
  version: string;
  tarballUrl: string;
  tarballPath: string;
  /** Path of the packument. */
  metadataPath: string;
  tarball: Uint8Array;
  integrity: string;
}

export interface FakeNpmRegistry extends FakeHost {
  publish(fakePackage: FakePackage): PublishedPackage;
  /** Serves JSON at a path, such as the list of keys. */
  serveJson(path: string, value: unknown): void;
}

/** An npm registry over local HTTP with packages made in memory: packuments, single version manifests and tarballs. */
export async function startFakeNpmRegistry(): Promise<FakeNpmRegistry> {
  const packages = new Map<string, Map<string, Published>>();
  const tarballs = new Map<string, Uint8Array>();
  const others = new Map<string, Answer>();
  const host = await startFakeHost((path) => others.get(path) ?? find(packages, tarballs, path));
  return {
    ...host,
    serveJson: (path, value) => void others.set(path, json(200, value)),
    publish(fakePackage) {
      const published = publishAt(host.url, fakePackage);
      const versions = packages.get(fakePackage.name) ?? new Map<string, Published>();
      packages.set(fakePackage.name, versions.set(fakePackage.version, published));
      tarballs.set(published.tarballPath, published.tarball);
      return published;
    },
  };
}

type Published = PublishedPackage & { manifest: Record<string, unknown>; publishedAt: string | null };

function publishAt(url: string, fakePackage: FakePackage): Published {
  const {
    name,
    version,
    manifest = {},
    registryManifest = {},
    files,
    publishedAt = '2020-01-01T00:00:00.000Z',
  } = fakePackage;
  const packageJson = { name, version, ...manifest };
  const tarball = fakePackage.tarball ?? buildNpmTarball(packageJson, files);
  const tarballPath = `/${name}/-/${name.split('/').at(-1)}-${version}.tgz`;
  const tarballUrl = `${url}${tarballPath}`;
  const integrity = integrityOf(tarball);
  const shasum = createHash('sha1').update(tarball).digest('hex');
  const dist = {
    tarball: tarballUrl,
    integrity,
    shasum,
    fileCount: 1 + Object.keys(files ?? {}).length,
    ...fakePackage.dist?.({ integrity }),
  };
  return {
    name,
    version,
    tarball,
    tarballUrl,
    tarballPath,
    metadataPath: `/${name}`,
    integrity,
    publishedAt,
    manifest: { _id: `${name}@${version}`, ...packageJson, dist, ...registryManifest },
  };
}

const json = (status: number, value: unknown): Answer => ({
  status,
  type: 'application/json',
  body: Buffer.from(JSON.stringify(value)),
});

function find(
  packages: Map<string, Map<string, Published>>,
  tarballs: Map<string, Uint8Array>,
  path: string,
): Answer {
  const tarball = tarballs.get(path);
  if (tarball) return { status: 200, type: 'application/octet-stream', body: tarball };
  const [, name = '', version] = /^\/((?:@[^/]+\/)?[^/]+)(?:\/([^/]+))?$/.exec(path) ?? [];
  const versions = packages.get(name);
  if (versions === undefined) return json(404, { error: 'Not found' });
  if (version === undefined) return json(200, packument(name, versions));
  const published = version === 'latest' ? [...versions.values()].at(-1) : versions.get(version);
  return published === undefined ? json(404, `version not found: ${version}`) : json(200, published.manifest);
}

function packument(name: string, versions: Map<string, Published>): Record<string, unknown> {
  const all = [...versions.values()];
  const times = all
    .filter(({ publishedAt }) => publishedAt !== null)
    .map(({ version, publishedAt }) => [version, publishedAt]);
  return {
    _id: name,
    name,
    'dist-tags': { latest: all.at(-1)?.version },
    versions: Object.fromEntries(all.map(({ version, manifest }) => [version, manifest])),
    ...(times.length === 0 ? {} : { time: Object.fromEntries(times) }),
  };
}
