import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { integrityOf } from '@sluice/testkit/fakes';
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
  /** The bytes to serve instead of a built tarball. */
  tarball?: Uint8Array;
  /** ISO time; left out of `time` when null. */
  publishedAt?: string | null;
}

/** A fault for requests of one path. */
export interface Fault {
  /** Answers with this status instead. */
  status?: number;
  /** Sends this `Retry-After`: seconds or an HTTP date. */
  retryAfter?: string;
  /** Waits before the answer. */
  delayMs?: number;
  /** Sends this many bytes and breaks the connection. */
  truncateAt?: number;
  /** Serves other bytes of the same length. */
  corrupt?: boolean;
  /** Serves this body, for instance a proxy's error page. */
  body?: string;
  /** Sends the body this slowly. */
  bytesPerSecond?: number;
  /** Never answers. */
  hang?: boolean;
  /** For this many requests, then all is well; for ever when left out. */
  times?: number;
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

export interface FakeNpmRegistry {
  /** Base address, without a slash at the end. */
  url: string;
  publish(fakePackage: FakePackage): PublishedPackage;
  /** Makes requests for this path go wrong, or all with `*`; null mends it. */
  fail(path: string, fault: Fault | null): void;
  /** How many requests came, for one path or in all. */
  requests(path?: string): number;
  /** Everything that was requested, in order. */
  readonly paths: readonly string[];
  stop(): Promise<void>;
}

/** An npm registry over local HTTP with packages made in memory: packuments, single version manifests and tarballs. */
export async function startFakeNpmRegistry(): Promise<FakeNpmRegistry> {
  const packages = new Map<string, Map<string, Published>>();
  const tarballs = new Map<string, Uint8Array>();
  const faults = new Map<string, Fault>();
  const paths: string[] = [];
  const server = createServer((request, response) => {
    const path = normalise(request.url ?? '/');
    paths.push(path);
    const fault = takeFault(faults, path) ?? faults.get('*');
    const answer = find(packages, tarballs, path);
    const send = () => respond(response, answer, fault);
    if (fault?.hang) return;
    if (fault?.delayMs === undefined) send();
    else delayed(request, fault.delayMs, send);
  });
  const url = await listen(server);
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    url,
    paths,
    stop,
    publish(fakePackage) {
      const published = publishAt(url, fakePackage);
      const versions = packages.get(fakePackage.name) ?? new Map<string, Published>();
      packages.set(fakePackage.name, versions.set(fakePackage.version, published));
      tarballs.set(published.tarballPath, published.tarball);
      return published;
    },
    fail(path, fault) {
      const key = path === '*' ? path : normalise(path);
      if (fault === null) faults.delete(key);
      else faults.set(key, { ...fault });
    },
    requests: (path) =>
      path === undefined ? paths.length : paths.filter((seen) => seen === normalise(path)).length,
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
  const dist = { tarball: tarballUrl, integrity, shasum, fileCount: 1 + Object.keys(files ?? {}).length };
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

interface Answer {
  status: number;
  type: string;
  body: Uint8Array;
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
  const published = versions.get(version);
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

function takeFault(faults: Map<string, Fault>, path: string): Fault | undefined {
  const fault = faults.get(path);
  if (fault?.times === undefined) return fault;
  fault.times -= 1;
  if (fault.times <= 0) faults.delete(path);
  return fault;
}

function respond(response: ServerResponse, answer: Answer, fault: Fault = {}): void {
  const body =
    fault.body === undefined
      ? fault.corrupt
        ? corrupted(answer.body)
        : answer.body
      : Buffer.from(fault.body);
  response.writeHead(fault.status ?? answer.status, {
    'content-type': fault.body === undefined ? answer.type : 'text/html',
    'content-length': body.length,
    ...(fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter }),
  });
  if (fault.bytesPerSecond !== undefined) drip(response, body, fault.bytesPerSecond);
  else if (fault.truncateAt === undefined) response.end(body);
  else response.write(body.subarray(0, fault.truncateAt), () => response.destroy());
}

function drip(response: ServerResponse, body: Uint8Array, bytesPerSecond: number): void {
  let sent = 0;
  const timer = setInterval(() => {
    response.write(body.subarray(sent, sent + bytesPerSecond));
    sent += bytesPerSecond;
    if (sent < body.length) return;
    clearInterval(timer);
    response.end();
  }, 1_000);
  response.once('close', () => clearInterval(timer));
}

function corrupted(bytes: Uint8Array): Uint8Array {
  const changed = Buffer.from(bytes);
  const middle = Math.floor(changed.length / 2);
  changed[middle] = (changed[middle] ?? 0) ^ 0xff;
  return changed;
}

function delayed(request: IncomingMessage, delayMs: number, send: () => void): void {
  const timer = setTimeout(send, delayMs);
  request.socket.once('close', () => clearTimeout(timer));
}

/** Clients write a scoped name as `@scope%2fname` or with a slash; both are the same path. */
function normalise(url: string): string {
  return decodeURIComponent(new URL(url, 'http://registry.example').pathname);
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });
}
