import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileArtifactStore } from '@sluice/artifacts';
import { connectBus, serveCommand } from '@sluice/broker';
import { formatPurl, listStandingsCommand, type Release, type Standing } from '@sluice/contracts';
import { createLogger } from '@sluice/runtime';
import { freePort, startChild, startNatsServer } from '@sluice/servers';
import { layOutBroker, waitFor } from '@sluice/testkit/fakes';
import { residentMemoryOf } from './process-usage.ts';
import type { Scratch } from './scratch.ts';

const entry = fileURLToPath(new URL('../../services/gate/dist/main.js', import.meta.url));
/** Package versions of a page of the list. */
const pageSize = 5_000;

export interface BenchedGate {
  /** Of the npm facade. */
  url: string;
  headers: Record<string, string>;
  /** From the start of the process to the first answer. */
  readyMs: number;
  memoryBytes: () => Promise<number>;
}

/** A package with many versions, as its registry describes it. */
export interface BenchedPackage {
  name: string;
  versions: { version: string; manifest: Record<string, unknown> }[];
  tarball: Buffer;
}

/** As large as the tarball of a usual larger package. */
export function benchedPackage(): BenchedPackage {
  const versions = Array.from({ length: 40 }, (_, index) => {
    const version = `1.${index}.0`;
    const dependencies = Object.fromEntries(
      Array.from({ length: 20 }, (__, of) => [`dependency-${of}`, `^${of}.0.0`]),
    );
    const dist = {
      tarball: `https://registry.example/benched/-/benched-${version}.tgz`,
      integrity: `sha512-${'a'.repeat(86)}==`,
    };
    return {
      version,
      manifest: { name: 'benched', version, description: 'x'.repeat(200), dependencies, dist },
    };
  });
  return { name: 'benched', versions, tarball: randomBytes(300_000) };
}

/** The gate as a process of its own, which learns of this many approved versions besides those of a package. */
export async function startGate(
  scratch: Scratch,
  natsServer: string | undefined,
  benched: BenchedPackage,
  approvedCount: number,
): Promise<BenchedGate> {
  const { folder, records } = scratch;
  const log = createLogger('bench', 'silent');
  const nats = await startNatsServer({
    binary: natsServer!,
    storeFolder: path.join(folder, 'nats'),
    records,
  });
  scratch.onClose(() => nats.stop());
  const bus = await connectBus({ url: nats.url, service: 'bench', instance: 'bench', log });
  scratch.onClose(() => bus.close());
  const artifacts = fileArtifactStore(path.join(folder, 'artifacts'));
  await layOutBroker(bus, artifacts);
  const standings = await standingsOf(artifacts, benched, approvedCount);
  serveCommand(
    bus,
    listStandingsCommand,
    async ({ after }) => {
      const at = after === null ? 0 : Number(after.scope);
      const page = standings.slice(at, at + pageSize);
      const { digest } = await artifacts.put(
        Buffer.from(page.map((one) => `${JSON.stringify(one)}\n`).join('')),
      );
      const next = at + pageSize < standings.length ? { purl: '', scope: String(at + pageSize) } : null;
      return { digest, count: page.length, next };
    },
    log,
  );
  const port = await freePort();
  const key = 'k'.repeat(43);
  const started = performance.now();
  const child = await startChild({
    name: 'gate',
    command: process.execPath,
    args: [entry],
    env: {
      PATH: process.env['PATH'],
      NATS_URL: nats.url,
      ARTIFACTS_DIR: path.join(folder, 'artifacts'),
      NPM_REGISTRY_URL: 'http://127.0.0.1:9/',
      GATE_DIR: path.join(folder, 'gate'),
      GATE_PORT: String(port),
      LOCAL_KEY: key,
    },
    logFile: path.join(folder, 'gate.log'),
    records,
  });
  scratch.onClose(() => child.stop(10_000));
  const url = `http://127.0.0.1:${port}/npm`;
  const headers = { authorization: `Bearer ${key}` };
  const isThere = () =>
    fetch(`${url}/${benched.name}`, { headers }).then(
      ({ status }) => status === 200,
      () => false,
    );
  await waitFor(isThere, { what: 'the gate', timeoutMs: 30_000 });
  const readyMs = performance.now() - started;
  return { url, headers, readyMs, memoryBytes: () => residentMemoryOf(child.pid) };
}

async function standingsOf(
  artifacts: ReturnType<typeof fileArtifactStore>,
  benched: BenchedPackage,
  count: number,
): Promise<Standing[]> {
  const archive = await artifacts.put(benched.tarball);
  const approved = (name: string, version: string, metadataDigest: string): Standing => {
    const release: Release = {
      publishedAt: '2024-01-01T00:00:00.000Z',
      metadataDigest,
      tagsDigest: null,
      gatheredAt: '2024-01-01T00:00:00.000Z',
      files: [
        {
          file: `${name}-${version}.tgz`,
          kind: 'tarball',
          platform: null,
          artifactDigest: archive.digest,
          sizeBytes: archive.sizeBytes,
        },
      ],
    };
    const at = '2024-01-01T00:00:00.000Z';
    const by = { kind: 'policy' as const, name: 'default' };
    const decision = {
      state: 'approved' as const,
      by,
      reason: 'nothing found',
      at,
      until: null,
      sequence: 1,
      digests: [],
    };
    const purl = formatPurl({ type: 'npm', name, version });
    return { purl, scope: 'default', decision, release, verdict: { outcome: 'approve', codes: [] } };
  };
  const own: Standing[] = [];
  for (const { version, manifest } of benched.versions) {
    const { digest } = await artifacts.put(Buffer.from(JSON.stringify(manifest)));
    own.push(approved(benched.name, version, digest));
  }
  const digest = own[0]!.release!.metadataDigest;
  // Each has bytes of its own in an installation: other texts, of the same length, as far as memory goes.
  const others = Array.from({ length: count }, (_, index) => {
    const one = approved(`package-${index % 20_000}`, `1.${Math.floor(index / 20_000)}.0`, digest);
    const hex = index.toString(16).padStart(64, '0');
    one.release!.metadataDigest = `sha256:${hex}`;
    one.release!.files[0]!.artifactDigest = `sha256:${hex}`;
    return one;
  });
  return [...own, ...others];
}
