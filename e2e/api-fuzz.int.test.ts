import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { aggregatorService } from '@sluice/aggregator';
import {
  eventId,
  makeEvent,
  pkgDownloaded,
  pkgFailed,
  pkgLicensed,
  pkgScanned,
  type EventDefinition,
} from '@sluice/contracts';
import { gatewayService } from '@sluice/gateway';
import { importerService } from '@sluice/importer';
import { notifierService } from '@sluice/notifier';
import { connectBus, publish, type Bus } from '@sluice/broker';
import { toMessage } from '@sluice/delivery';
import { projectorService } from '@sluice/projector';
import { createLogger, startService, type RunningService } from '@sluice/runtime';
import { newSigningKey } from '@sluice/signing';
import { packageLock } from '@sluice/ecosystems/npm/testkit';
import { evidenceUpTo, testNats, testPostgres, waitFor } from '@sluice/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { answerSchemas } from './openapi-answers.ts';
import { anyRequests } from './mutate-request.ts';
import type { KnownValues, OpenApiDocument, WireRequest } from './openapi-requests.ts';

/** Gateway, aggregator, importer, notifier and projector on real servers; the stages are missing, and their facts are made up. */
const nats = await testNats();
const postgres = await testPostgres();
const folder = await mkdtemp(path.join(tmpdir(), 'sluice-fuzz-'));
const log = createLogger('test', 'silent');
const agent = new Agent({ keepAlive: true, maxSockets: 8 });
const services: RunningService[] = [];
let url: URL;
let bus: Bus;

/** Enough to meet each operation some hundred times; given up after a while all the same, for machines that are busy. */
const runs = 4_000;
const timeLimitMs = 25_000;
const answerMs = 10_000;

beforeAll(async () => {
  const env = {
    NATS_URL: nats.url,
    DATABASE_URL: postgres.url,
    ARTIFACTS_DIR: folder,
    HTTP_PORT: '0',
    ACCESS: 'open',
    HOOK_KEY: 'k'.repeat(43),
    SIGNING_KEYS: newSigningKey(),
    // Nothing answers there.
    GIT_HOSTS: 'http://127.0.0.1:1',
    GIT_WORK_DIR: path.join(folder, 'clones'),
    SECRETS_KEY: 'k'.repeat(43),
    WEBHOOK_HOSTS: 'http://127.0.0.1:1',
    SMTP_URL: 'smtp://127.0.0.1:1',
  };
  const write = (line: string) => {
    const entry = JSON.parse(line) as { msg: string; url?: string };
    if (entry.msg === 'listening') url = new URL(entry.url!);
  };
  services.push(await startService(aggregatorService, env, { log }));
  services.push(await startService(projectorService, env, { log }));
  services.push(await startService(importerService, env, { log }));
  services.push(await startService(notifierService, env, { log }));
  services.push(await startService(gatewayService, env, { log: createLogger('gateway', 'info', { write }) }));
  bus = await connectBus({ url: nats.url, service: 'test', instance: 'test', log });
});
afterAll(async () => {
  agent.destroy();
  await bus.close();
  for (const service of services.toReversed()) await service.stop();
  await rm(folder, { recursive: true, force: true });
});

interface WireAnswer {
  status: number;
  type: string;
  body: string;
}

/** @returns null for a request that cannot be written as HTTP at all. */
function send({ method, path: target, query, headers, body }: WireRequest): Promise<WireAnswer | null> {
  const search = query.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
  return new Promise((resolve, reject) => {
    let sent: ReturnType<typeof httpRequest>;
    try {
      sent = httpRequest({
        agent,
        hostname: url.hostname,
        port: url.port,
        method,
        path: search === '' ? target : `${target}?${search}`,
        headers: body === null ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
        timeout: answerMs,
      });
    } catch {
      resolve(null);
      return;
    }
    sent.on('timeout', () => sent.destroy(new Error('No answer came.')));
    sent.on('error', reject);
    sent.on('response', (response) => {
      const type = response.headers['content-type'] ?? '';
      const answer = { status: response.statusCode!, type, body: '' };
      response.setEncoding('utf8').on('data', (chunk: string) => (answer.body += chunk));
      response.on('end', () => resolve(answer));
      // A stream of events never ends; its beginning is the answer.
      if (type.startsWith('text/event-stream') && method !== 'HEAD') {
        resolve(answer);
        response.on('error', () => {}).destroy();
      }
    });
    sent.end(body ?? undefined);
  });
}
const operationMethod = ({ operation }: WireRequest) => operation.split(' ')[0];
const encode = (text: string) => encodeURIComponent(text.toWellFormed());

async function get<Body>(address: string): Promise<Body> {
  return (await (await fetch(new URL(address, url))).json()) as Body;
}

/** Submits packages and has one assessed, one failed and one running, so that commands find their objects. */
async function prepare(): Promise<KnownValues> {
  const names = ['assessed', 'failed', 'running'];
  const lockfile = packageLock(
    3,
    names.map((name) => ({ name, version: '1.0.0' })),
  );
  const headers = { 'content-type': 'application/json' };
  const accepted = await fetch(new URL('/v1/requests', url), { method: 'POST', headers, body: lockfile });
  const { id } = (await accepted.json()) as { id: string };
  const batch = await fetch(new URL('/v1/batches', url), {
    method: 'POST',
    headers: { 'content-type': 'application/zip' },
    body: 'PK',
  });
  const { id: batchId } = (await batch.json()) as { id: string };
  const git = 'http://127.0.0.1:1/a.git';
  const project = await fetch(new URL('/v1/projects', url), {
    method: 'POST',
    headers,
    body: JSON.stringify({ name: 'known', source: { git } }),
  });
  const { id: projectId } = (await project.json()) as { id: string };
  const receiver = 'http://127.0.0.1:1/hook';
  const act = async (route: string, body: object) => {
    const response = await fetch(new URL(route, url), {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    return (await response.json()) as { id: string };
  };
  const { id: webhookId } = await act('/v1/webhooks', { name: 'known', url: receiver });
  const { id: deliveryId } = await act(`/v1/webhooks/${webhookId}/test`, { reason: 'known' });
  const purlOf = (name: string) => `pkg:npm/${name}@1.0.0`;
  const assessmentOf = (name: string) =>
    waitFor(async () => (await get<{ assessmentId?: string }>(`/v1/packages/${purlOf(name)}`)).assessmentId);
  const assessmentId = await assessmentOf('assessed');
  const common = { assessmentId, purl: purlOf('assessed'), lane: 'interactive' as const, attempt: 1 };
  await emit(pkgLicensed, { ...common, evidence: evidenceUpTo('license') });
  await emit(pkgDownloaded, { ...common, evidence: evidenceUpTo('download') });
  await emit(pkgScanned, { ...common, evidence: evidenceUpTo('scan') });
  await emit(pkgFailed, {
    ...common,
    assessmentId: await assessmentOf('failed'),
    purl: purlOf('failed'),
    stage: 'license',
    code: 'registry.version-not-found',
    detail: 'gone',
    failedAt: new Date().toISOString(),
  });
  await waitFor(async () => (await get<{ outcome?: string }>(`/v1/packages/${purlOf('assessed')}`)).outcome);
  return {
    id: [id, batchId, projectId, webhookId],
    delivery: [deliveryId],
    url: [receiver, 'mailto:team@example.org'],
    project: [projectId],
    git: [git],
    schedule: ['every 6h'],
    requestId: [id],
    assessmentId: [assessmentId],
    purl: names.map(purlOf),
    code: ['registry.version-not-found'],
    host: ['registry.example', '127.0.0.1:80'],
    instance: ['one'],
    label: ['team=a'],
    platform: ['linux-x64'],
    'POST /v1/requests': [lockfile, packageLock(1, [{ name: 'other', version: '2.0.0' }])],
  };
}

async function emit<Data extends { assessmentId: string; purl: string }>(
  definition: EventDefinition<Data>,
  data: Data,
): Promise<void> {
  const id = eventId(data.assessmentId, definition.type, 1);
  const event = makeEvent(definition, { id, source: 'test', subject: data.purl, time: new Date(), data });
  await publish(bus, toMessage(event, { lane: 'interactive' }));
}

it('the API answers every request as documented and without failing, and each refusal is a problem with a code', async () => {
  const known = await prepare();
  const document = await get<OpenApiDocument>('/openapi.json');
  const seed = Number(process.env['SLUICE_FUZZ_SEED'] ?? Date.now() % 2 ** 31);
  // Repeats this run: SLUICE_FUZZ_SEED.
  console.log(`fuzzing the API with seed ${seed}`);
  const documented = new Map(
    Object.entries(document.paths).flatMap(([address, methods]) =>
      Object.entries(methods).map(([method, { responses }]) => [
        `${method.toUpperCase()} ${address}`,
        Object.keys(responses),
      ]),
    ),
  );
  const schemaOf = answerSchemas(document);
  const answered = new Map<string, number>();
  const statuses = new Set<number>();
  await fc.assert(
    fc.asyncProperty(anyRequests(document, known), async (request) => {
      const answer = await send(request);
      if (answer === null) return;
      const { status, type, body } = answer;
      answered.set(request.operation, (answered.get(request.operation) ?? 0) + 1);
      statuses.add(status);
      expect(status, body.slice(0, 500)).toBeLessThan(500);
      const isOfOperation =
        `${request.method} ${request.path}` === `${operationMethod(request)} ${request.pathOfOperation}`;
      // A dot as a parameter makes it another path.
      if (isOfOperation && !body.includes('"code":"route.'))
        expect(documented.get(request.operation), body.slice(0, 500)).toContain(String(status));
      const schema =
        isOfOperation && type.startsWith('application/json') && schemaOf(request.operation, status);
      if (schema)
        expect(schema.safeParse(JSON.parse(body)).error?.issues, body.slice(0, 2_000)).toBeUndefined();
      if (status < 400 || request.method === 'HEAD') return;
      expect(type).toBe('application/problem+json');
      const code = expect.stringMatching(/^[a-z.-]+$/) as string;
      expect(JSON.parse(body)).toMatchObject({
        status,
        code,
        type: expect.stringMatching(/^\/problems\//) as string,
      });
    }),
    { seed, numRuns: runs, interruptAfterTimeLimit: timeLimitMs, markInterruptAsFailure: false },
  );
  // A run that reaches no route would prove nothing.
  const operations = Object.values(document.paths).flatMap((methods) => Object.keys(methods));
  expect(answered.size).toBe(operations.length);
  for (const status of [200, 202, 400, 404, 405, 409, 415]) expect(statuses).toContain(status);
});
