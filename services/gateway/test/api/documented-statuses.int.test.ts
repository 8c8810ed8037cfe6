import { request as httpRequest } from 'node:http';
import {
  PermanentError,
  approveCommand,
  archiveProjectCommand,
  cancelBatchCommand,
  cancelCommand,
  changeLaneCommand,
  changeProjectCommand,
  changeWebhookCommand,
  controlCommand,
  createProjectCommand,
  createWebhookCommand,
  createWaiverCommand,
  decideManyCommand,
  discardCommand,
  endWaiverCommand,
  errorCodes,
  findDeliveryCommand,
  findProjectCommand,
  findRefreshCommand,
  findWebhookCommand,
  knownRequestsCommand,
  listDeliveriesCommand,
  listPoliciesCommand,
  listProjectsCommand,
  listRefreshesCommand,
  listReplaysCommand,
  listWebhooksCommand,
  redeliverCommand,
  listWaiversCommand,
  redriveCommand,
  refreshProjectCommand,
  rejectCommand,
  removeWebhookCommand,
  renewHookCommand,
  replayCommand,
  replayWebhookCommand,
  retryCommand,
  rotateSecretCommand,
  steerReplayCommand,
  steerWebhookCommand,
  testWebhookCommand,
  tryPolicyCommand,
  uuidV7,
  type ErrorCode,
} from '@sluice/contracts';
import { connectBus, serveCommand } from '@sluice/broker';
import { withOutbox } from '@sluice/delivery';
import { createPostgres, type Sql } from '@sluice/postgres';
import { Health } from '@sluice/runtime';
import { packageLock } from '@sluice/ecosystems/npm/testkit';
import { cleanEvidence, testPostgres, zipOf } from '@sluice/testkit';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { roles } from '@sluice/api';
import { z } from 'zod';
import { insertBatch, insertPackage, insertRequest, purlOf, testGateway } from '../gateway-kit.ts';
import { aProject, aRefresh } from '../project-examples.ts';
import { aDelivery, aWebhook } from '../webhook-examples.ts';
import { createKey } from '../../src/access/api-keys.ts';
import { authenticator, newKeyText, type TrustedToken } from '@sluice/identity';
import { findKey } from '../../src/access/api-keys.ts';
import { quotaNames, type Quotas } from '../../src/quotas/quotas.ts';
import { createApp } from '../../src/app.ts';
import { askForDevice, decideDevice } from '../../src/device/device-codes.ts';
import { createInvitation } from '../../src/sign-in/invitations.ts';
import { knowPerson } from '../../src/sign-in/people.ts';
import { beginSession } from '../../src/sign-in/sessions.ts';
import type { GatewayDeps } from '../../src/deps.ts';
import { hookSecret } from '../../src/hooks/hook-secret.ts';
import { listen } from '../../src/http/http-server.ts';

interface Operation {
  operationId: string;
  responses: Record<string, { description: string }>;
}
type App = Pick<ReturnType<typeof createApp>, 'request'>;

/** Trusts each token, unless it has to refuse. */
const idTokens = {
  verify: async (): Promise<TrustedToken> => {
    if (refusal !== null) throw new PermanentError(refusal);
    return {
      rule: {
        name: 'build',
        issuer: 'https://tokens.example',
        audience: 'sluice',
        claims: { project_id: '1' },
        roles: ['submitter'],
        minutes: 15,
      },
      issuer: 'https://tokens.example',
      tokenId: uuidV7(),
      expiresAt: new Date(Date.now() + 60_000),
      claims: {},
    };
  },
};
/** A provider that sends people to its page, and back from nowhere. */
const signIn: GatewayDeps['signIn'] = {
  provider: {
    issuer: 'https://login.example',
    begin: async () => ({
      url: new URL('https://login.example/'),
      state: 's',
      nonce: 'n',
      codeVerifier: 'v',
    }),
    finish: () => Promise.reject(new Error('nobody comes back')),
  },
  rules: { groups: [], adminSubjects: [], sessionMs: 3_600_000 },
  idleMs: 3_600_000,
  publicUrl: 'https://sluice.example',
};
const { app, deps, nats, postgres } = await testGateway({ bodyTimeoutMs: 50, idTokens, signIn });
/** Its connections to Postgres and the broker are closed. */
const away = createPostgres({
  url: 'postgres://a:b@127.0.0.1:1/c',
  service: 'test',
  schema: 'read',
  pool: 1,
});
await away.end();
const open = (own: Sql) =>
  authenticator({ findKey: (id) => findKey(own, id), localKey: undefined, isOpen: true, localName: 'mira' });
const unreachable = await testGateway({ own: away, read: away, authenticate: open(away), idTokens, signIn });
unreachable.deps.health.add('postgres', async () => ({ ok: (await away`select 1`).length === 1 }));
beforeAll(() => unreachable.deps.bus.close());

const document = (await (await app.request('/openapi.json')).json()) as {
  paths: Record<string, Record<string, Operation>>;
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    ...operation,
    path,
    method: method.toUpperCase(),
  })),
);
type Documented = (typeof operations)[number];

/** Code of the aggregator's refusals; null while it carries commands out. */
let refusal: ErrorCode | null = null;
const decision = {
  state: 'approved',
  by: { kind: 'person', name: 'mira' },
  reason: 'r',
  at: '2026-03-01T09:30:00Z',
};
const decided = {
  purl: purlOf('a'),
  scope: 'default',
  assessmentId: uuidV7(),
  decision: { ...decision, until: null, sequence: 1 },
};
const waiver = {
  id: uuidV7(),
  scope: 'default',
  package: 'pkg:npm/a',
  range: null,
  codes: ['advisory.high'],
  advisories: [],
  until: '2026-12-01T00:00:00Z',
  reason: 'r',
  by: 'mira',
  createdAt: '2026-03-01T09:30:00Z',
  ended: null,
};
const refreshId = uuidV7();
const refresh = () =>
  aRefresh({ id: refreshId, projectId: existing['id']!, standsOn: refreshId, previousId: refreshId });
const project = () => aProject({ id: existing['id']!, lastRefresh: refresh() });
const webhook = () => aWebhook({ id: existing['id']! });
const delivery = () => aDelivery({ webhookId: existing['id']! });
const quota = { limit: 5, remaining: 4, resetAt: null, windowSeconds: 300 };
/** Its answers otherwise, and those of the importer. */
const answers: [{ service: string; name: string }, object | ((input: { refreshId?: string }) => object)][] = [
  [createProjectCommand, () => ({ project: project(), quota })],
  [changeProjectCommand, project],
  [archiveProjectCommand, project],
  [renewHookCommand, () => ({ project: project(), round: 1 })],
  [refreshProjectCommand, { result: 'started', refreshId, state: 'queued', quota }],
  [findProjectCommand, () => ({ project: project(), quota, hookRound: 1 })],
  [listProjectsCommand, () => ({ projects: [project()] })],
  [listRefreshesCommand, () => ({ refreshes: [refresh()] })],
  [findRefreshCommand, (input) => ({ refresh: input.refreshId === refreshId ? refresh() : null })],
  [createWebhookCommand, () => ({ webhook: webhook(), secret: 'shown once' })],
  [rotateSecretCommand, () => ({ webhook: webhook(), secret: 'shown once' })],
  ...[changeWebhookCommand, removeWebhookCommand, steerWebhookCommand].map(
    (command) => [command, () => webhook()] as [typeof command, () => object],
  ),
  [findWebhookCommand, () => ({ webhook: webhook() })],
  [listWebhooksCommand, () => ({ webhooks: [webhook()] })],
  [listDeliveriesCommand, () => ({ deliveries: [delivery()] })],
  [findDeliveryCommand, () => ({ ...delivery(), body: '{}', log: [] })],
  ...[testWebhookCommand, redeliverCommand].map(
    (command) => [command, () => ({ delivery: delivery() })] as [typeof command, () => object],
  ),
  [replayWebhookCommand, { events: 2, repeated: 1, keptSince: '2026-03-01T09:30:00.000Z' }],
  [decideManyCommand, { items: [], decided: 0, refused: 0 }],
  [createWaiverCommand, { waiver, judged: 1 }],
  [endWaiverCommand, { waiver, judged: 1 }],
  [listPoliciesCommand, { policies: [] }],
  [tryPolicyCommand, { digest: 'd', judged: 0, newlyHeld: [], newlyFree: [], next: null }],
  [listWaiversCommand, { waivers: [waiver] }],
  [approveCommand, decided],
  [rejectCommand, decided],
  [cancelBatchCommand, { batchId: uuidV7(), requests: 1 }],
  [cancelCommand, { requestId: uuidV7(), items: 1, assessments: 1 }],
  [changeLaneCommand, { requestId: uuidV7(), lane: 'bulk', assessments: 1 }],
  [retryCommand, { items: 1, requests: 1, packages: 1 }],
  [replayCommand, { id: uuidV7(), packages: 1, running: 0 }],
  [listReplaysCommand, { replays: [] }],
  [steerReplayCommand, { id: uuidV7(), packages: 1 }],
  [controlCommand, { changed: true, control: null }],
  [redriveCommand, { done: [7], gone: [] }],
  [discardCommand, { done: [7], gone: [] }],
];
let existing: Record<string, string>;

beforeAll(async () => {
  const aggregator = await connectBus({ url: nats.url, service: 'aggregator', instance: 't', log: deps.log });
  for (const [{ service, name }, answer] of answers) {
    const handle = async (input: unknown) => {
      if (refusal !== null) throw new PermanentError(refusal);
      return (
        typeof answer === 'function' ? (answer as (input: unknown) => object)(input) : answer
      ) as object;
    };
    serveCommand(aggregator, { service, name, input: z.unknown(), output: z.unknown() }, handle, deps.log);
  }
  // All accepted requests are taken in.
  serveCommand(aggregator, knownRequestsCommand, async ({ requestIds }) => ({ known: requestIds }), deps.log);
  await aggregator.js.publish('dlq.scanner', 'a message', { msgID: 'letter' });
  const worker = { stage: 'scan', host: 'registry.example', service: 'scanner', instance: 'a:1' };
  const wish = {
    name: 'ci',
    kind: 'service' as const,
    roles: ['viewer' as const],
    reason: 'r',
    scopes: null,
  };
  const made = await withOutbox(deps.own, (tx) => createKey(tx, wish, 'mira', new Date()));
  const { id: key } = made.result;
  const id = await insertRequest(deps.read, ['a']);
  // Of one id: operations on both kinds are sent the same one.
  await insertBatch(deps.read, { id });
  existing = {
    key,
    session: uuidV7(),
    delivery: uuidV7(),
    id,
    purl: purlOf('a'),
    sequence: '1',
    refresh: refreshId,
    ...worker,
  };
  await insertPackage(deps.read, 'a', { outcome: 'review' });
  await insertPackage(deps.read, 'unjudged', { state: 'running' });
  const { registry, download } = cleanEvidence();
  await deps.read`
    insert into package_evidence (purl, registry, download)
    values (${purlOf('a')}, ${JSON.stringify(registry)}::text::json, ${JSON.stringify(download)}::text::json)`;
  afterAll(() => aggregator.close());
});

const bodies: Record<string, object> = {
  changeRequestLane: { lane: 'bulk' },
  replayStage: { stage: 'scan' },
  tryPolicy: { policy: 'version: 1' },
  previewDecisions: { decision: 'approve', code: 'license.review' },
  decideMany: { decision: 'approve', code: 'license.review', expectedCount: 0 },
  createWaiver: { package: 'pkg:npm/a', codes: ['advisory.high'], until: '2026-12-01T00:00:00Z' },
  createKey: { name: 'ci', kind: 'service', roles: ['viewer'] },
  exchangeToken: { token: 'a.b.c' },
  approveInEmergency: { ticket: 'INC-7', hours: 8 },
  followInvitation: { invitation: 'i' },
  askForDevice: { client: 'c' },
  pollDevice: { deviceCode: 'd' },
  findDevice: { userCode: 'BBBB-BBBB' },
  decideDevice: { userCode: 'BBBB-BBBB', decision: 'approve' },
  createProject: { name: 'payments', source: { git: 'https://git.example/a' } },
  createWebhook: { name: 'chat', url: 'https://receiver.example/' },
  replayWebhook: { since: '2026-03-01T00:00:00Z' },
};

/** About the sessions of who has signed in. */
const ofSessions = new Set(['listSessions', 'endSession', 'signOut']);
/** With a browser that has signed in. */
const ofBrowser = new Set(['findDevice', 'decideDevice']);
const ofSignIn = new Set(['followInvitation', 'askForDevice', 'pollDevice', ...ofBrowser]);

/** The request that the document describes for an operation, about things that exist or other ones. */
function requestFor({ path, method, operationId }: Documented, values = existing): [string, RequestInit] {
  const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name]!));
  if (method === 'GET') return [address, { method }];
  const isPlain =
    ['exchangeToken', 'tryPolicy'].includes(operationId) ||
    ofSessions.has(operationId) ||
    ofSignIn.has(operationId);
  const who = isPlain ? {} : { by: 'mira', reason: 'r' };
  const command = JSON.stringify({ ...who, ...bodies[operationId] });
  const lockfile = packageLock(3, [{ name: 'a', version: '1.0.0' }]);
  if (operationId === 'submitBatch') {
    const body = new Uint8Array(zipOf({ 'package-lock.json': lockfile }));
    return [address, { method, body, headers: { 'content-type': 'application/zip' } }];
  }
  const body = operationId === 'submitRequest' ? lockfile : command;
  const signed: Record<string, string> =
    operationId === 'receiveHook' ? { 'x-gitlab-token': hookSecret(deps.hookKey!, existing['id']!, 1) } : {};
  return [address, { method, body, headers: { 'content-type': 'application/json', ...signed } }];
}
/** The media type that an operation reads. */
const typeOf = ({ operationId }: Documented) =>
  operationId === 'submitBatch' ? 'application/zip' : 'application/json';
const submissions = ['submitRequest', 'submitBatch'];

const codesOf = ({ responses }: Documented, status: string) =>
  [...(responses[status]?.description ?? '').matchAll(/`([a-z.-]+)`:/g)].map(
    (match) => match[1] as ErrorCode,
  );

/** A session of a person. */
async function signedIn(
  kind: 'browser' | 'command' = 'command',
  name = 'noor',
): Promise<{ id: string; token: string }> {
  return deps.own.begin(async (tx) => {
    const now = new Date();
    const person = await knowPerson(tx, { issuer: 'i', subject: name, name, groups: [] }, now);
    const grants = [{ roles: ['viewer' as const], scopes: null }];
    const from = { address: undefined, userAgent: undefined };
    const wish = { kind, person, grants, expiresAt: new Date(now.getTime() + 60_000), ...from };
    const { id, text } = await beginSession(tx, wish, now);
    return { id, token: text };
  }) as Promise<{ id: string; token: string }>;
}

/** An operation from a page of the API, with other fields in its body. */
async function withBrowser(operation: Documented, fields: object, name = 'noor'): Promise<Response> {
  const { token } = await signedIn('browser', name);
  const [address, { method }] = requestFor(operation);
  const headers = {
    'content-type': 'application/json',
    'sec-fetch-site': 'same-origin',
    cookie: `__Host-sluice=${token}`,
  };
  const body = JSON.stringify({ ...bodies[operation.operationId], ...fields });
  return app.request(address, { method, headers, body });
}

/** A step of a sign-in for which the ones before it were made. */
async function signInStep(operation: Documented): Promise<Response> {
  const post = (fields: object) => {
    const [address, init] = requestFor(operation);
    const body = JSON.stringify({ ...bodies[operation.operationId], ...fields });
    return app.request(address, { ...init, body });
  };
  if (operation.operationId === 'followInvitation')
    return post({ invitation: (await createInvitation(postgres.url, 'r', 'mira')).token });
  const { deviceCode, userCode } = await askForDevice(
    deps.own,
    { client: 'c', address: undefined },
    new Date(),
  );
  if (ofBrowser.has(operation.operationId)) return withBrowser(operation, { userCode }, 'zoe');
  if (operation.operationId === 'askForDevice') return post({});
  const { id } = await signedIn('browser');
  const by = { sessionId: id, name: 'noor', grants: [{ roles: ['viewer' as const], scopes: null }] };
  await deps.own.begin((tx) => decideDevice(tx, userCode, true, by, new Date()));
  return post({ deviceCode });
}

/** How each status comes about. */
const ways: Record<string, (operation: Documented) => Promise<Response>> = {
  200: async (operation) => {
    if (ofSignIn.has(operation.operationId)) return signInStep(operation);
    if (!ofSessions.has(operation.operationId)) return plainly(app, operation);
    const { id, token } = await signedIn();
    const [address, init] = requestFor(operation, { ...existing, session: id });
    return app.request(address, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } });
  },
  201: (operation) => (ofSignIn.has(operation.operationId) ? signInStep(operation) : plainly(app, operation)),
  202: (operation) => plainly(app, operation),
  304: async (operation) => {
    const [address, init] = requestFor(operation);
    // A worker's sign of life may change an answer between two requests; `*` stands for any tag.
    return app.request(address, { ...init, headers: { 'if-none-match': '*' } });
  },
  400: (operation) => changed(operation, {}, '?nope=1'),
  401: (operation) =>
    operation.operationId === 'exchangeToken'
      ? refused(operation, '401')
      : changed(operation, { authorization: 'Bearer none' }),
  403: (operation) => changed(operation, { origin: 'http://evil.example' }),
  404: async (operation) => {
    if (ofBrowser.has(operation.operationId)) return withBrowser(operation, {});
    if (ofSignIn.has(operation.operationId)) return plainly(createApp({ ...deps, signIn: null }), operation);
    if (isCommand(operation) && !aboutJob(operation)) return refused(operation, '404');
    const unknown = {
      ...existing,
      id: uuidV7(),
      purl: purlOf('unknown'),
      sequence: '99',
      key: 'k00000000000',
      session: uuidV7(),
    };
    return app.request(...requestFor(operation, unknown));
  },
  406: (operation) => changed(operation, { accept: 'image/png' }),
  429: async (operation) => {
    if (isCommand(operation)) return refused(operation, '429');
    if (!ofBrowser.has(operation.operationId)) return exhausted(operation);
    for (let tried = 0; tried < 5; tried += 1) await withBrowser(operation, {});
    return withBrowser(operation, {});
  },
  408: (operation) => {
    const body = new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('{')) });
    return withBody(operation, body, typeOf(operation));
  },
  409: async (operation) => {
    if (operation.operationId === 'getSignedVerdict')
      return plainly(app, operation, { ...existing, purl: purlOf('unjudged') });
    if (!submissions.includes(operation.operationId)) return refused(operation, '409');
    const key = { 'idempotency-key': 'once' };
    await changed(operation, key);
    return changed(operation, key, '?lane=bulk');
  },
  413: (operation) => withBody(operation, ' '.repeat(200_000), typeOf(operation)),
  415: (operation) => withBody(operation, '{}', 'text/plain'),
  421: (operation) => changed(operation, { host: 'evil.example' }),
  422: (operation) => {
    if (operation.operationId === 'getBatchReport') return largeReport(operation);
    return ofOthers(operation)
      ? refused(operation, '422')
      : withBody(operation, '{"a":1}', 'application/json');
  },
  431: (operation) => overHttp(operation, { 'x-large': 'x'.repeat(20_000) }),
  // A defect: something that is always there is not. One of the aggregator's is told by its answer.
  500: (operation) => {
    if (isCommand(operation)) return refused(operation, '500');
    return plainly(
      createApp({ ...deps, ...nothing, authenticate: open(nothing.own) } as unknown as GatewayDeps),
      operation,
    );
  },
  503: (operation) => plainly(unreachable.app, operation),
  504: (operation) => {
    if (submissions.includes(operation.operationId)) return inDoubt(operation);
    // Of a job that is none of the gateway's tables the aggregator is asked.
    return refused(
      operation,
      '504',
      operation.operationId === 'getJob' ? { ...existing, id: uuidV7() } : existing,
    );
  },
};
/** The gateway itself does these. */
const own = new Set([...submissions, ...ofSessions, ...ofSignIn, 'createKey', 'exchangeToken', 'revokeKey']);
const aboutJob = ({ operationId }: Documented) => operationId.endsWith('Job');
const ofOthers = ({ path }: Documented) => path.startsWith('/v1/projects') || path.startsWith('/v1/webhooks');
const isCommand = (operation: Documented) =>
  (operation.method === 'POST' && !own.has(operation.operationId)) ||
  ['listPolicies', 'listReplays', 'listWaivers'].includes(operation.operationId) ||
  ofOthers(operation);
/** A database without tables, and no broker. */
const empty = await testPostgres([]);
const nothing = {
  own: empty.connect('gateway'),
  read: empty.connect('read'),
  bus: undefined,
  queues: undefined,
  metrics: undefined,
  health: new Health(),
};

async function plainly(from: App, operation: Documented, values = existing): Promise<Response> {
  const [address, init] = requestFor(operation, values);
  // It asks a server about nothing but a key.
  const isAboutKey = ['getSelf', 'listSigningKeys', ...ofSessions, ...ofBrowser].includes(
    operation.operationId,
  );
  const shown: Record<string, string> =
    isAboutKey && from !== app ? { authorization: `Bearer ${newKeyText().text}` } : {};
  return from.request(address, { ...init, headers: { ...init.headers, ...shown } });
}

async function changed(
  operation: Documented,
  headers: Record<string, string>,
  query = '',
): Promise<Response> {
  const [address, init] = requestFor(operation);
  return app.request(address + query, { ...init, headers: { ...init.headers, ...headers } });
}

async function withBody(
  operation: Documented,
  body: string | ReadableStream,
  type: string,
): Promise<Response> {
  const [address, { method }] = requestFor(operation);
  const headers = { 'content-type': type };
  return app.request(
    new Request(`http://localhost${address}`, { method, headers, body, duplex: 'half' } as RequestInit),
  );
}

/** By a service whose quota is used up. */
async function exhausted(operation: Documented): Promise<Response> {
  const none = Object.fromEntries(quotaNames.map((name) => [name, { limit: 0, windowSeconds: 60 }]));
  const strict = createApp({ ...deps, quotas: none as Quotas });
  const wish = { name: 'ci', kind: 'service' as const, roles: [...roles], reason: 'r', scopes: null };
  const { result } = await withOutbox(deps.own, (tx) => createKey(tx, wish, 'mira', new Date()));
  const [address, init] = requestFor(operation);
  const headers = { ...init.headers, authorization: `Bearer ${result.key}` };
  return strict.request(address, { ...init, headers });
}

/** The aggregator refuses with the first code that is documented for the status. */
async function refused(operation: Documented, status: string, values = existing): Promise<Response> {
  refusal = codesOf(operation, status)[0]!;
  onTestFinished(() => void (refusal = null));
  return plainly(app, operation, values);
}

/** A submission whose transaction waits for a lock. */
async function inDoubt(operation: Documented): Promise<Response> {
  const impatient = createApp({ ...deps, answerTimeoutMs: 100 });
  return deps.own.begin(async (tx) => {
    await tx`lock table submissions, batches in access exclusive mode`;
    return plainly(impatient, operation);
  }) as Promise<Response>;
}

/** Of a batch with more items than are reported at once. */
async function largeReport(operation: Documented): Promise<Response> {
  const id = await insertBatch(deps.read);
  await insertRequest(deps.read, [], { batchId: id, itemCount: 60_000 });
  return app.request(...requestFor(operation, { ...existing, id }));
}

async function overHttp(operation: Documented, headers: Record<string, string>): Promise<Response> {
  const { url, stop } = await listen(app, { host: '127.0.0.1', port: 0 });
  onTestFinished(stop);
  const [address, { method }] = requestFor(operation);
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url + address, { method, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () =>
        resolve(
          new Response(body, {
            status: response.statusCode!,
            headers: response.headers as Record<string, string>,
          }),
        ),
      );
    });
    sent.on('error', reject).end();
  });
}

describe('every status in the document is one that is sent:', () => {
  const documented = operations.flatMap((operation) =>
    Object.keys(operation.responses).map((status) => ({
      operation,
      status,
      title: `${operation.operationId} ${status}`,
    })),
  );
  it.each(documented)('$title', async ({ operation, status }) => {
    if (operation.operationId === 'replayStage')
      bodies['replayStage'] = { stage: 'scan', dryRun: status === '200' };
    const response = await ways[status]!(operation);
    const isProblem = response.headers.get('content-type') === 'application/problem+json';
    const body = isProblem ? await response.text() : '';
    // A stream of events has no end to wait for.
    if (!isProblem) await response.body?.cancel();
    expect(response.status, body).toBe(Number(status));
    if (!isProblem) return;
    const { code, type } = JSON.parse(body) as { code: ErrorCode; type: string };
    expect(codesOf(operation, status)).toContain(code);
    expect((await app.request(type)).status).toBe(200);
  });
});

it.each(Object.keys(errorCodes))(
  'the type of %s leads to a page with cause, check and remedy',
  async (code) => {
    const page = await app.request(`/problems/${code}`);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toContain('text/html');
    const text = await page.text();
    for (const part of [`<h1><code>${code}</code></h1>`, 'Cause.', 'Check.', 'Remedy.'])
      expect(text).toContain(part);
    expect(text).not.toMatch(/\*\*|`|\]\(/);
  },
);

it('a code that is none has no page', async () => {
  expect((await app.request('/problems/nope')).status).toBe(404);
});
