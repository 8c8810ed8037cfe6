import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileArtifactStore } from '@sluice/artifacts';
import { connectBus, publish, serveCommand, type Bus } from '@sluice/broker';
import {
  eventId,
  formatPurl,
  listStandingsCommand,
  makeEvent,
  pkgApproved,
  pkgAssessed,
  pkgDecisionEnded,
  pkgRecalled,
  pkgRejected,
  type Decision,
  type Release,
  type Standing,
} from '@sluice/contracts';
import { toMessage } from '@sluice/delivery';
import { createLogger, startService, type RunningService } from '@sluice/runtime';
import { freePort } from '@sluice/servers';
import { layOutBroker, waitFor, type TestNats } from '@sluice/testkit';
import { afterAll } from 'vitest';
import { gateService } from '../src/service.ts';

export const localKey = 'k'.repeat(43);
const log = createLogger('test', 'silent');

export interface Answered {
  status: number;
  /** Phrase of the status line. */
  phrase: string;
  headers: Record<string, string | string[] | undefined>;
  bytes: Buffer;
  json: () => Record<string, unknown>;
}

/** A gate beside an aggregator that is played by the test: its list and its events. */
export async function gateKit(nats: TestNats, registryUrl: string) {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-gate-'));
  const artifacts = fileArtifactStore(path.join(folder, 'artifacts'));
  const bus = await connectBus({ url: nats.url, service: 'test', instance: 'test', log });
  await layOutBroker(bus, artifacts);
  const standings: Standing[] = [];
  serveStandings(bus, artifacts, standings);
  const gates: RunningService[] = [];
  afterAll(async () => {
    for (const gate of gates) await gate.stop();
    await bus.close();
    await rm(folder, { recursive: true, force: true });
  });

  let port = 0;
  const start = async (settings: Record<string, string> = {}) => {
    port = await freePort('127.0.0.1');
    const env = {
      NATS_URL: nats.url,
      ARTIFACTS_DIR: path.join(folder, 'artifacts'),
      NPM_REGISTRY_URL: registryUrl,
      GATE_DIR: path.join(folder, 'gate'),
      GATE_PORT: String(port),
      GATE_WAIT_MS: '300',
      LOCAL_KEY: localKey,
      ...settings,
    };
    const gate = await startService(gateService, env, { log });
    gates.push(gate);
    return gate;
  };
  const get = (url: string, headers: Record<string, string> = {}, method = 'GET') =>
    ask(port, url, { authorization: `Bearer ${localKey}`, ...headers }, method);

  /** A release of a package whose archive and manifest are in the store. */
  const releaseOf = async (
    name: string,
    version: string,
    archive = `bytes of ${name}@${version}`,
  ): Promise<Release> => {
    const put = async (content: string) => (await artifacts.put(Buffer.from(content))).digest;
    const manifest = {
      name,
      version,
      dist: { tarball: 'https://registry.example/x.tgz', integrity: 'sha512-x' },
    };
    return {
      publishedAt: '2024-01-01T00:00:00.000Z',
      metadataDigest: await put(JSON.stringify(manifest)),
      tagsDigest: null,
      gatheredAt: '2024-02-01T00:00:00.000Z',
      files: [
        {
          file: `${name.split('/').at(-1)}-${version}.tgz`,
          kind: 'tarball',
          platform: null,
          artifactDigest: await put(archive),
          sizeBytes: Buffer.byteLength(archive),
        },
      ],
    };
  };
  let sequence = 0;
  const decide = async (
    state: Decision['state'] | 'ended',
    name: string,
    version: string,
    more: { until?: string; scope?: string; release?: Release | null; sequence?: number } = {},
  ): Promise<number> => {
    const { until = null, scope = 'default', release = null } = more;
    const about = { purl: formatPurl({ type: 'npm', name, version }), lane: 'interactive' as const, scope };
    const decision: Decision = {
      state: state === 'ended' ? 'approved' : state,
      by: { kind: 'person', name: 'mira' },
      reason: 'r',
      at: '2024-02-01T00:00:00.000Z',
      until,
      sequence: more.sequence ?? ++sequence,
      digests: [],
    };
    const definitions = { approved: pkgApproved, rejected: pkgRejected, recalled: pkgRecalled };
    const data = { ...about, assessmentId: randomUUID(), decision };
    const common = {
      id: eventId(randomUUID(), state, 1),
      source: 'aggregator',
      subject: about.purl,
      time: new Date(),
    };
    const event =
      state === 'ended'
        ? makeEvent(pkgDecisionEnded, { ...common, data: { ...data, endedAt: new Date().toISOString() } })
        : makeEvent(definitions[state], {
            ...common,
            data: { ...data, ...(release ? { release } : {}) } as never,
          });
    await publish(bus, toMessage(event, { lane: 'interactive' }));
    return decision.sequence;
  };
  const approve = async (name: string, version: string, more: { until?: string; scope?: string } = {}) =>
    decide('approved', name, version, { ...more, release: await releaseOf(name, version) });
  const assessed = async (name: string, version: string, outcome: 'review' | 'reject', code: string) => {
    const purl = formatPurl({ type: 'npm', name, version });
    const reason = { code, severity: 'high' as const, outcome, message: 'm', remedy: 'r', data: {} };
    const verdict = { outcome, reasons: [reason], policyVersion: 'p', judgedAt: new Date().toISOString() };
    const data = {
      assessmentId: randomUUID(),
      purl,
      lane: 'interactive' as const,
      attempt: 1,
      scope: 'default',
      verdict,
    };
    const event = makeEvent(pkgAssessed, {
      id: randomUUID(),
      source: 'aggregator',
      subject: purl,
      time: new Date(),
      data,
    });
    await publish(bus, toMessage(event, { lane: 'interactive' }));
  };
  const until = (url: string, status: number, headers: Record<string, string> = {}) =>
    waitFor(async () => ((await get(url, headers)).status === status ? true : undefined));
  return {
    artifacts,
    assessed,
    approve,
    ask: (...given: AskArguments) => ask(port, ...given),
    bus,
    decide,
    folder,
    get,
    releaseOf,
    standings,
    start,
    until,
  };
}

type AskArguments = [url: string, headers: Record<string, string>, method?: string];

/** A request whose path goes out as it is: `fetch` would resolve dots in it. */
function ask(port: number, url: string, headers: Record<string, string>, method = 'GET'): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port, path: url, method, headers }, (response) => {
      buffer(response).then(
        (bytes) =>
          resolve({
            status: response.statusCode ?? 0,
            phrase: response.statusMessage ?? '',
            headers: response.headers,
            bytes,
            json: () => JSON.parse(bytes.toString()) as Record<string, unknown>,
          }),
        reject,
      );
    });
    sent.on('error', reject).end();
  });
}

function serveStandings(
  bus: Bus,
  artifacts: ReturnType<typeof fileArtifactStore>,
  standings: Standing[],
): void {
  const list = async () => {
    const lines = standings.map((one) => JSON.stringify(one) + '\n').join('');
    const { digest } = await artifacts.put(Buffer.from(lines));
    return { digest, count: standings.length, next: null };
  };
  serveCommand(bus, listStandingsCommand, list, log);
}
