import { intakes } from '@sluice/ecosystems/intake';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { context } from '@opentelemetry/api';
import { fileArtifactStore } from '@sluice/artifacts';
import { uuidV7 } from '@sluice/contracts';
import { addBusHealth, connectBus, ensureTopology } from '@sluice/broker';
import { watchControls } from '@sluice/stages';
import type { Sql } from '@sluice/postgres';
import { newSigningKey, readSigningKeys } from '@sluice/signing';
import { Health, allowedHosts, createLogger, startTelemetry } from '@sluice/runtime';
import { testNats, testPostgres } from '@sluice/testkit';
import { Registry } from 'prom-client';
import { afterAll } from 'vitest';
import { authenticator, IdTokens } from '@sluice/identity';
import { findKey } from '../src/access/api-keys.ts';
import { quotaNames, type Quotas } from '../src/quotas/quotas.ts';
import { sessionDoor } from '../src/sign-in/sessions.ts';
import { createApp } from '../src/app.ts';
import { startChangeFeed } from '../src/streams/change-feed.ts';
import type { GatewayDeps } from '../src/deps.ts';
import { QueueSampler } from '../src/queues/queue-sampler.ts';
import { gatewayMigrations } from '../src/service.ts';
import { checkAnswers } from './check-answers.ts';

/** The read models as the projector makes them; the gateway knows of them no more than their columns. */
const readMigrations = {
  schema: 'read',
  folder: new URL('../../projector/migrations/', import.meta.url),
};

/** As good as none. */
const plenty = { limit: 1_000_000, windowSeconds: 60 };
export const unlimited = Object.fromEntries(quotaNames.map((name) => [name, plenty])) as Quotas;

/**
 * The API over real servers and without a socket: requests go to `app.request`. Stops when the test file ends; call it
 * at the top level of the file.
 */
export async function testGateway(changed: Partial<GatewayDeps> = {}) {
  const nats = await testNats();
  const postgres = await testPostgres([...gatewayMigrations, readMigrations]);
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-gateway-'));
  const log = createLogger('gateway', 'silent');
  const bus = await connectBus({ url: nats.url, service: 'gateway', instance: 'test', log });
  await ensureTopology(bus);
  const controls = await watchControls(bus, log);
  const [own, read] = [postgres.connect('gateway'), postgres.connect('read')];
  const changes = await startChangeFeed(read);
  const stopping = new AbortController();
  const telemetry = startTelemetry('gateway', {});
  const health = new Health();
  addBusHealth(health, bus);
  afterAll(async () => {
    stopping.abort();
    await changes.stop();
    await controls.stop();
    await bus.close();
    await telemetry.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const deps: GatewayDeps = {
    own,
    read,
    artifacts: fileArtifactStore(folder),
    bus,
    controls,
    queues: new QueueSampler({ bus, read, log, controls }),
    changes: changes.feed,
    health,
    metrics: new Registry(),
    log,
    authenticate: authenticator({
      findKey: (id) => findKey(own, id),
      sessions: sessionDoor(own, 3_600_000),
      localKey: undefined,
      isOpen: true,
      localName: 'mira',
    }),
    signIn: null,
    quotas: unlimited,
    isTrustedProxy: () => false,
    idTokens: new IdTokens([], () => Promise.reject(new Error('no issuer is asked'))),
    isAllowedHost: allowedHosts('127.0.0.1', ['sluice.example']),
    published: () => {},
    keysChanged: () => {},
    intakes,
    registriesOf: () => ['https://registry.example/'],
    scopes: new Set(['default', 'team-a']),
    hookKey: 'h'.repeat(43),
    signingKeys: readSigningKeys(newSigningKey()),
    bodyMaxBytes: 100_000,
    bodyTimeoutMs: 10_000,
    answerTimeoutMs: 8_000,
    outboxMax: 100,
    heartbeatMs: 15_000,
    stopping: stopping.signal,
    ...changed,
  };
  // Every request runs on the service's behalf, and so with a trace of its own.
  const app = checkAnswers(context.with(telemetry.root, () => createApp(deps)));
  return { app, deps, nats, postgres, folder, stop: () => stopping.abort() };
}

/** The answer to `GET` of an address, as JSON. */
export async function getJson(
  app: Awaited<ReturnType<typeof testGateway>>['app'],
  address: string,
  // oxlint-disable-next-line typescript/no-explicit-any
): Promise<{ status: number; headers: Headers; body: any }> {
  const response = await app.request(address);
  return { status: response.status, headers: response.headers, body: await response.json() };
}

export const purlOf = (name: string) => `pkg:npm/${name}@1.0.0`;

/** A request in the read models with an item for each name. @returns its id. */
export async function insertRequest(
  read: Sql,
  names: string[],
  fields: {
    scope?: string;
    requester?: string;
    submittedAt?: string;
    completed?: boolean;
    position?: number;
    batchId?: string;
    filename?: string;
    itemCount?: number;
  } = {},
): Promise<string> {
  const id = uuidV7();
  const submittedAt = fields.submittedAt ?? '2026-03-01T09:30:00.000Z';
  await read`
    insert into requests (id, lane, scope, requester, labels, format, item_count, entry_count, submitted_at, completed_at, position,
      batch_id, filename)
    values (${id}, 'interactive', ${fields.scope ?? 'default'}, ${fields.requester ?? 'mira'}, '{"team":"payments"}', 'npm-package-lock@3',
      ${fields.itemCount ?? names.length}, ${names.length}, ${submittedAt}, ${fields.completed ? submittedAt : null},
      ${fields.position ?? 1}, ${fields.batchId ?? null}, ${fields.filename ?? null})`;
  const rows = names.map((name, ordinal) => ({ ordinal, name, purl: purlOf(name) }));
  await read`
    insert into request_items (request_id, ordinal, purl, name, version, paths, path_count, flags, notes)
    select ${id}, ordinal, purl, name, '1.0.0', '[]', 0, '{"dev":false,"optional":false,"bundled":false,"direct":true}', '[]'
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as e (ordinal int, name text, purl text)`;
  return id;
}

const at = '2026-03-01T09:30:00.000Z';

/** A batch in the read models whose files were read. @returns its id. */
export async function insertBatch(
  read: Sql,
  fields: {
    id?: string;
    scope?: string;
    requester?: string;
    submittedAt?: string;
    completed?: boolean;
    cancelled?: boolean;
    failure?: object;
    isOpened?: boolean;
    position?: number;
    projectId?: string;
    files?: { path: string; result: string; requestId?: string; reason?: object }[];
  } = {},
): Promise<string> {
  const { id = uuidV7(), files = [], isOpened = true, failure } = fields;
  const submittedAt = fields.submittedAt ?? at;
  await read`
    insert into batches (id, lane, scope, requester, labels, platforms, filename, upload_kind, submitted_at, opening, opened_at,
      file_count, request_count, refused_count, ignored_count, completed_at, cancelled_at, failure, position, project_id)
    values (${id}, 'interactive', ${fields.scope ?? 'default'}, ${fields.requester ?? 'mira'}, '{"team":"payments"}', '[]',
      'files.zip', 'archive', ${submittedAt}, ${isOpened ? 1 : 0}, ${isOpened ? submittedAt : null}, ${files.length},
      ${files.filter(({ requestId }) => requestId).length}, 0, 0, ${fields.completed ? submittedAt : null},
      ${fields.cancelled ? submittedAt : null}, ${failure ? JSON.stringify(failure) : null}::text::jsonb, ${fields.position ?? 1},
      ${fields.projectId ?? null})`;
  const rows = files.map((file, ordinal) => ({ ordinal, ...file }));
  await read`
    insert into batch_files (batch_id, ordinal, path, size_bytes, result, request_id, format, reason)
    select ${id}, ordinal, path, 7, result, "requestId", case when "requestId" is null then null else 'npm-package-lock@3' end, reason
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
      as e (ordinal int, path text, result text, "requestId" uuid, reason jsonb)`;
  return id;
}

/** A package version in the read models, with its standing in a scope; further ones are added to it. */
export async function insertPackage(
  read: Sql,
  name: string,
  fields: {
    state?: string;
    stage?: string | null;
    scope?: string;
    outcome?: string | null;
    decision?: string | null;
  } = {},
): Promise<void> {
  const { scope = 'default', state = 'assessed', stage = null, outcome = null, decision = null } = fields;
  const verdict = outcome && {
    outcome,
    reasons: [{ code: 'advisory.high', outcome, severity: 'high', message: 'm', remedy: 'r', data: {} }],
    policyVersion: 'sha256:1',
    judgedAt: at,
  };
  const decided = decision && {
    state: decision,
    by: { kind: 'person', name: 'noor' },
    reason: 'needed',
    at,
    until: null,
    sequence: 1,
  };
  await read`
    insert into packages (purl, state, stage, assessment_id, attempt, lane, position)
    values (${purlOf(name)}, ${state}, ${stage}, ${uuidV7()}, 1, 'interactive', 1) on conflict do nothing`;
  if (!verdict && !decided) return;
  await read`
    insert into package_scopes (purl, scope, verdict, outcome, decision, decision_state)
    values (${purlOf(name)}, ${scope},
      ${verdict ? JSON.stringify(verdict) : null}::text::jsonb, ${outcome},
      ${decided ? JSON.stringify(decided) : null}::text::jsonb, ${decision})`;
}

/** An entry of the timeline. */
export async function insertEvent(read: Sql, position: number, subject: string, type: string): Promise<void> {
  await read`
    insert into timeline (position, event_id, sequence, subject, type, at, data)
    values (${position}, ${uuidV7()}, ${position}, ${subject}, ${type}, '2026-03-01T09:30:00Z', '{"n":1}')`;
}
