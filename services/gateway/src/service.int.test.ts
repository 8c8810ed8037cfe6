import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { get as httpsGet } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { approveCommand, uuidV7 } from '@sluice/contracts';
import { fileArtifactStore } from '@sluice/artifacts';
import { connectBus, serveCommand } from '@sluice/broker';
import { createLogger, startService, type RunningService } from '@sluice/runtime';
import { packageLock } from '@sluice/ecosystems/npm/testkit';
import { layOutBroker, testCertificates, testNats, testPostgres, waitFor } from '@sluice/testkit';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { insertPackage, insertRequest, purlOf } from '../test/gateway-kit.ts';
import { gatewayMigrations, gatewayService } from './service.ts';

const certificates = testCertificates();
const nats = await testNats();
const broker = await testNats();
const postgres = await testPostgres([
  ...gatewayMigrations,
  { schema: 'read', folder: new URL('../../projector/migrations/', import.meta.url) },
]);
const read = postgres.connect('read');
const folder = await mkdtemp(path.join(tmpdir(), 'sluice-gateway-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
const quiet = createLogger('test', 'silent');

/** Starts the service on a free port, which its log tells. */
async function start(
  changed: Record<string, string> = {},
): Promise<{ url: string; running: RunningService }> {
  let url = '';
  const write = (line: string) => {
    const entry = JSON.parse(line) as { msg: string; url?: string };
    if (entry.msg === 'listening') url = entry.url!;
  };
  const env = {
    NATS_URL: nats.url,
    DATABASE_URL: postgres.url,
    ARTIFACTS_DIR: folder,
    HTTP_PORT: '0',
    BODY_MAX_BYTES: '100000',
    ACCESS: 'open',
    ...changed,
  };
  const running = await startService(gatewayService, env, {
    log: createLogger('gateway', 'info', { write }),
  });
  return { url, running };
}

let gateway: Awaited<ReturnType<typeof start>>;
/** What the aggregator does at a broker. */
async function layOut({ url }: { url: string }) {
  const bus = await connectBus({ url, service: 'test', instance: 't', log: quiet });
  await layOutBroker(bus, fileArtifactStore(folder));
  return bus;
}

beforeAll(async () => {
  await (await layOut(nats)).close();
  gateway = await start();
});
afterAll(() => gateway.running.stop());

const ready = async () => {
  const response = await fetch(`${gateway.url}/readyz`);
  const body = (await response.json()) as {
    ready: boolean;
    checks: Record<string, { ok: boolean; required?: boolean }>;
  };
  return { status: response.status, ...body };
};

it('takes submissions in while the broker has no JetStream, and publishes them once it is back', async () => {
  await broker.stop();
  const stopBare = await broker.startWithoutJetStream();
  const { url, running } = await start({ NATS_URL: broker.url });
  onTestFinished(() => running.stop());
  const response = await fetch(`${url}/v1/requests`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: packageLock(3, [{ name: 'early', version: '1.0.0' }]),
  });
  expect(response.status).toBe(202);
  const jetstream = async () => (await running.health.report()).checks['jetstream'];
  expect(await jetstream()).toMatchObject({ ok: false, required: false });
  await stopBare();
  await broker.start();
  const bus = await layOut(broker);
  onTestFinished(() => bus.close());
  await waitFor(async () => (await jetstream())?.ok, { timeoutMs: 20_000 });
  await waitFor(async () => (await bus.jsm.streams.info('EVENTS')).state.messages > 0, { timeoutMs: 20_000 });
}, 60_000);

describe('over HTTP', () => {
  it('publishes the submissions that it accepted', async () => {
    const body = packageLock(3, [{ name: 'a', version: '1.0.0' }]);
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${gateway.url}/v1/requests`, { method: 'POST', headers, body });
    expect(response.status).toBe(202);
    const { id } = (await response.json()) as { id: string };
    const bus = await connectBus({ url: nats.url, service: 'test', instance: 't', log: quiet });
    onTestFinished(() => bus.close());
    const subject = 'request.submitted.interactive';
    const event = await waitFor(() => bus.jsm.streams.getMessage('EVENTS', { last_by_subj: subject }));
    expect(event.json<{ subject: string }>().subject).toBe(id);
  });

  it('takes a purl in a path encoded or as people type it, in every verb', async () => {
    await insertPackage(read, 'typed', { outcome: 'review' });
    const bus = await connectBus({ url: nats.url, service: 'aggregator', instance: 't', log: quiet });
    onTestFinished(() => bus.close());
    const decision = {
      state: 'approved' as const,
      by: { kind: 'person' as const, name: 'noor' },
      reason: 'r',
      at: '2026-03-01T09:30:00Z',
      until: null,
      sequence: 1,
    };
    serveCommand(
      bus,
      approveCommand,
      async ({ purl, scope }) => ({ purl, scope, assessmentId: uuidV7(), decision }),
      quiet,
    );
    await bus.nc.flush();
    for (const form of [purlOf('typed'), encodeURIComponent(purlOf('typed'))]) {
      const shown = await fetch(`${gateway.url}/v1/packages/${form}`);
      expect(await shown.json()).toMatchObject({ purl: purlOf('typed') });
      const decided = await fetch(`${gateway.url}/v1/packages/${form}/approve`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ by: 'noor', reason: 'r' }),
      });
      expect(await decided.json()).toMatchObject({ purl: purlOf('typed'), decision: { state: 'approved' } });
    }
  });

  it('lists itself among the workers', async () => {
    const response = await fetch(`${gateway.url}/v1/workers`);
    const { items } = (await response.json()) as { items: object[] };
    expect(items).toMatchObject([{ service: 'gateway', stage: null, state: 'working', concurrency: null }]);
  });

  it('refuses a body that is too large before it has come', async () => {
    const response = await fetch(`${gateway.url}/v1/requests`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: 'x'.repeat(100_001),
    });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: 'input.too-large' });
  });

  it('refuses huge headers', async () => {
    const response = await fetch(`${gateway.url}/livez`, { headers: { 'x-large': 'x'.repeat(20_000) } });
    expect(response.status).toBe(431);
  });

  it('survives bytes that are no HTTP', async () => {
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => {});
    socket.end('GET / HTTP/9.9\r\n\0\r\n\r\n');
    socket.resume();
    await once(socket, 'close');
    expect((await fetch(`${gateway.url}/livez`)).status).toBe(200);
  });
});

it.skipIf(!certificates)(
  'speaks https where it has a certificate, and does not start with half of one',
  async () => {
    const { server, ca } = certificates!;
    await expect(start({ HTTP_TLS_CERT: server.cert })).rejects.toThrow('HTTP_TLS_CERT: needs HTTP_TLS_KEY');
    const { url, running } = await start({ HTTP_TLS_CERT_FILE: server.certFile, HTTP_TLS_KEY: server.key });
    onTestFinished(() => running.stop());
    expect(url).toMatch(/^https:/);
    const status = await new Promise((resolve, reject) => {
      httpsGet(`${url}/livez`, { ca: ca.cert }, ({ statusCode }) => resolve(statusCode)).on('error', reject);
    });
    expect(status).toBe(200);
  },
);

describe('readiness', () => {
  it('names each part that is needed, and each that is only information', async () => {
    const { status, checks } = await ready();
    expect(status).toBe(200);
    expect(Object.keys(checks).toSorted()).toEqual([
      'advisories',
      'artifact store',
      'jetstream',
      'nats',
      'postgres',
      'read models',
      'start',
    ]);
    // None are loaded: worth saying, and no reason to send nobody here.
    expect(checks['advisories']).toMatchObject({ ok: false, required: false });
  });

  it('says which part is missing, and that it is back', async () => {
    await read`alter table checkpoint rename to hidden`;
    const without = await ready();
    await read`alter table hidden rename to checkpoint`;
    expect(without).toMatchObject({
      status: 503,
      ready: false,
      checks: { 'read models': { ok: false }, nats: { ok: true } },
    });
    await nats.stop();
    const broken = await ready();
    await nats.start();
    // Nobody is turned away for it: what comes in waits in the outbox.
    expect(broken).toMatchObject({
      status: 200,
      checks: { nats: { ok: false, required: false }, postgres: { ok: true } },
    });
    await waitFor(async () => (await ready()).checks['nats']?.ok, { what: 'the broker to be back' });
  });

  it('accepts submissions while the broker is away', async () => {
    await nats.stop();
    const body = packageLock(3, [{ name: 'b', version: '1.0.0' }]);
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${gateway.url}/v1/requests`, { method: 'POST', headers, body });
    await nats.start();
    expect(response.status).toBe(202);
  });
});

describe('stopping', () => {
  it('ends open streams and lets the port go', async () => {
    const { url, running } = await start();
    const id = await insertRequest(read, ['a']);
    const response = await fetch(`${url}/v1/requests/${id}/events`);
    const reading = response.text();
    await running.stop();
    expect(await reading).toBe('');
    await expect(fetch(`${url}/livez`)).rejects.toThrow();
  });

  it('fails at once when the port is taken', async () => {
    const HTTP_PORT = new URL(gateway.url).port;
    await expect(start({ HTTP_PORT })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
