import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectBus } from '@sluice/broker';
import { startStack, stackServices, type Stack } from '@sluice/embedded';
import { fakeNpmRegistry, packageLock } from '@sluice/ecosystems/npm/testkit';
import {
  isWithin,
  keepNatsKeys,
  natsAuthorization,
  natsKeyFile,
  natsRights,
  natsUsers,
  type NatsUser,
} from '@sluice/rights';
import { createLogger } from '@sluice/runtime';
import { importAdvisoriesFrom } from '@sluice/scanner';
import { freePort } from '@sluice/servers';
import { testNats, testPostgres, waitFor, zipOf, startFakeGitServer, startFakeHost } from '@sluice/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { brokerUse, type BrokerUse } from './broker-use.ts';

/** The whole stack under the rights that its users have, at a broker that writes down what each client does. */
const folder = await mkdtemp(path.join(tmpdir(), 'sluice-rights-e2e-'));
const keys = path.join(folder, 'keys');
const nats = await testNats({
  lines: [natsAuthorization(await keepNatsKeys(keys)), 'trace: true', 'max_traced_msg_len: 1'],
});
const postgres = await testPostgres();
const registry = await fakeNpmRegistry();
const git = await startFakeGitServer();
const receiver = await startFakeHost(() => ({ status: 200, type: 'text/plain', body: Buffer.from('taken') }));
let stack: Stack;

beforeAll(async () => {
  const env = {
    PATH: process.env['PATH'],
    NPM_REGISTRY_URL: registry.url,
    ADVISORIES_URL: `${registry.url}/nothing/{ecosystem}.zip`,
    NATS_URL: nats.url,
    NATS_KEYS_DIR: keys,
    DATABASE_URL: postgres.url,
    GIT_HOSTS: git.origin,
    WEBHOOK_HOSTS: receiver.url,
  };
  const ports = { port: await freePort(), gatePort: await freePort() };
  const stateFolder = path.join(folder, 'state');
  stack = await startStack({ stateFolder, services: stackServices, env, open: true, ...ports });
});
afterAll(async () => {
  await stack?.stop();
  await git.stop();
  await receiver.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Fields of answers that are read here. */
interface Answer {
  id: string;
  completedAt: string | null;
  waiver: { id: string };
  items: { sequence: number; id: string; endedAt?: string | null }[];
}

async function ask(
  method: string,
  route: string,
  body?: object | string | Buffer,
): Promise<{ status: number; body: Answer }> {
  const raw = typeof body === 'string' || Buffer.isBuffer(body);
  const response = await fetch(`${stack.info.apiUrl}${route}`, {
    method,
    headers: { 'content-type': Buffer.isBuffer(body) ? 'application/zip' : 'application/json' },
    ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json().catch(() => null)) as Answer };
}

const reason = { reason: 'tried' };
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

/** Does what has to succeed. */
async function act(route: string, more: object = {}): Promise<Answer> {
  const { status, body } = await ask('POST', route, { ...reason, ...more });
  expect([route, status, body]).toEqual([route, expect.toSatisfy((code: number) => code < 400), body]);
  return body;
}

/** Submits package versions and waits until each has ended. @returns the request's id. */
async function submit(names: string[]): Promise<string> {
  const lockfile = packageLock(
    3,
    names.map((name) => ({ name, version: '1.0.0' })),
  );
  const { body } = await ask('POST', '/v1/requests', lockfile);
  await waitFor(async () => (await ask('GET', `/v1/requests/${body.id}`)).body.completedAt !== null, {
    what: 'the request to end',
  });
  return body.id;
}

/** Everything that people do, and that packages and messages make the services do. */
async function useEverything(): Promise<void> {
  const publish = (name: string, license = 'MIT') =>
    registry.publish({
      name,
      version: '1.0.0',
      manifest: { license },
      publishedAt: '2024-01-01T00:00:00.000Z',
    });
  for (const name of ['clean', 'asked']) publish(name);
  publish('copyleft', 'AGPL-3.0-only');
  registry.fail(publish('endless').metadataPath, { hang: true });
  const request = await submit(['clean', 'copyleft', 'nowhere']);
  const copyleft = `/v1/packages/${encodeURIComponent('pkg:npm/copyleft@1.0.0')}`;
  await act(`${copyleft}/approve`);
  await act(`${copyleft}/reject`);
  await act('/v1/stages/scan/pause');
  const { id: held } = (
    await ask('POST', '/v1/requests', packageLock(3, [{ name: 'endless', version: '1.0.0' }]))
  ).body;
  await waitFor(
    async () => (await ask('POST', `/v1/requests/${held}/lane`, { ...reason, lane: 'bulk' })).status === 200,
    { what: 'the lane to change' },
  );
  await act(`/v1/requests/${held}/cancel`);
  await act('/v1/stages/scan/resume');
  await act('/v1/retries', { requestId: request });
  const zip = zipOf({ 'a/package-lock.json': packageLock(3, [{ name: 'endless', version: '1.0.0' }]) });
  const { id: batch } = (await ask('POST', '/v1/batches', zip)).body;
  await waitFor(async () => (await ask('POST', `/v1/batches/${batch}/cancel`, reason)).status === 200, {
    what: 'the batch to be cancelled',
  });
  const waiver = { package: 'pkg:npm/clean', codes: ['license.review'], until: inAnHour() };
  const { waiver: made } = await act('/v1/waivers', waiver);
  await act(`/v1/waivers/${made.id}/end`);
  await act('/v1/decisions/preview', { decision: 'approve', code: 'license.review' });
  await ask('POST', '/v1/policies/try', { policy: 'version: 1\nname: other' });
  const { id: replay } = await act('/v1/replays', { stage: 'license' });
  await ask('POST', `/v1/jobs/${replay}/cancel`, reason);
  await act('/v1/keys', { name: 'ci', kind: 'service', roles: ['submitter'], scopes: null, days: 1 });
  for (const route of [
    'workers',
    'queues',
    'controls',
    'replays',
    'audit',
    'status',
    'requests',
    'dead-letters',
    'waivers',
    'policies',
  ])
    await ask('GET', `/v1/${route}`);
  await useProject();
  await useWebhooks();
  await useGate();
  await useAdvisories();
  await useDeadLetters();
}

async function useProject(): Promise<void> {
  const files = { 'package-lock.json': packageLock(3, [{ name: 'clean', version: '1.0.0' }]) };
  git.commit('shop.git', files);
  const { body: project } = await ask('POST', '/v1/projects', {
    ...reason,
    name: 'shop',
    source: { git: `${git.origin}/shop.git`, ref: 'main', paths: [] },
  });
  const of = `/v1/projects/${project.id}`;
  const refreshes = async () => (await ask('GET', `${of}/refreshes`)).body.items;
  const refresh = async () => {
    await act(`${of}/refresh`);
    await waitFor(async () => (await refreshes())[0]?.endedAt != null, { what: 'the refresh to end' });
  };
  await refresh();
  await ask('PATCH', of, { ...reason, name: 'store', lane: 'bulk' });
  git.commit('shop.git', { ...files, 'README.md': 'more' });
  await refresh();
  git.commit('shop.git', { ...files, 'README.md': 'most' });
  // One that is cancelled, in whatever state it is.
  await act(`${of}/refresh`);
  await ask('POST', `/v1/jobs/${(await refreshes())[0]!.id}/cancel`, reason);
  await ask('GET', of);
  await ask('GET', `${of}/refreshes/${(await refreshes())[0]!.id}`);
  await ask('GET', '/v1/projects');
  await ask('POST', `${of}/hook/renew`, reason);
  await ask('DELETE', of, reason);
}

async function useWebhooks(): Promise<void> {
  const { body: webhook } = await ask('POST', '/v1/webhooks', {
    name: 'receiver',
    url: `${receiver.url}/hook`,
  });
  const of = `/v1/webhooks/${webhook.id}`;
  await act(`${of}/test`);
  const deliveries = async () => (await ask('GET', `${of}/deliveries`)).body.items;
  await waitFor(async () => (await deliveries())[0]?.endedAt != null, { what: 'the ping to arrive' });
  const [{ id: delivery }] = (await deliveries()) as [Answer['items'][number]];
  await ask('GET', `${of}/deliveries/${delivery}`);
  await act(`${of}/deliveries/${delivery}/redeliver`);
  await act(`${of}/replay`, { since: '2026-01-01T00:00:00Z' });
  await act(`${of}/rotate-secret`);
  await act(`${of}/disable`);
  await act(`${of}/enable`);
  await ask('PATCH', of, { ...reason, types: ['request.completed'] });
  await ask('GET', of);
  await ask('GET', '/v1/webhooks');
  await ask('DELETE', of, reason);
}

async function useGate(): Promise<void> {
  const gate = (route: string, init: RequestInit = {}) => fetch(`${stack.info.gateUrl}${route}`, init);
  await gate('/npm/clean');
  await gate('/npm/asked');
  await act(`/v1/packages/${encodeURIComponent('pkg:npm/clean@1.0.0')}/approve`);
  await waitFor(async () => (await gate('/npm/clean/-/clean-1.0.0.tgz')).status === 200, {
    what: 'what is approved',
  });
  await waitFor(async () => (await ask('GET', '/v1/installs')).body.items.length > 0, {
    what: 'who has installed it',
  });
  const asked = `/v1/packages/${encodeURIComponent('pkg:npm/asked@1.0.0')}`;
  await waitFor(async () => (await ask('GET', asked)).status === 200, { what: 'what the gate asked for' });
  const body = JSON.stringify({ clean: ['1.0.0'] });
  await gate('/npm/-/npm/v1/security/advisories/bulk', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
}

/** Changed advisories, which have package versions in use scanned again. */
async function useAdvisories(): Promise<void> {
  const file = path.join(folder, 'advisories.zip');
  const record = {
    id: 'TEST-1',
    modified: '2024-01-01T00:00:00Z',
    affected: [{ package: { ecosystem: 'npm', name: 'clean' }, versions: ['1.0.0'] }],
  };
  await writeFile(file, zipOf({ 'TEST-1.json': JSON.stringify(record) }));
  await importAdvisoriesFrom(postgres.url, file);
  const replays = async () => JSON.stringify((await ask('GET', '/v1/replays')).body.items);
  await waitFor(async () => (await replays()).includes('Advisories changed: clean.'), {
    what: 'the replay of what the advisories are about',
  });
}

async function useDeadLetters(): Promise<void> {
  const bus = await connectBus({
    url: nats.url,
    nkey: await readFile(natsKeyFile(keys, 'operator'), 'utf8'),
    service: 'operator',
    instance: 't',
    log: createLogger('test', 'silent'),
  });
  const subjects = [
    'pkg.requested.bulk',
    'pkg.licensed.bulk',
    'pkg.downloaded.bulk',
    'pkg.scanned.bulk',
    'batch.submitted.bulk',
  ];
  for (const subject of subjects) await bus.js.publish(subject, 'no event', { msgID: subject });
  await bus.close();
  const letters = () => ask('GET', '/v1/dead-letters');
  // Both the aggregator and the importer get what is submitted as a batch.
  const { items } = (
    await waitFor(async () => {
      const found = await letters();
      return found.body.items.length === subjects.length + 1 ? found : null;
    })
  ).body;
  const [first, ...others] = items.map(({ sequence }) => sequence);
  await ask('GET', `/v1/dead-letters/${first}`);
  await act('/v1/dead-letters/redrive', { sequences: [first] });
  await act('/v1/dead-letters/discard', { sequences: others });
}

/** Rights that a run without trouble has no use for, and the trouble. */
const forTrouble: [RegExp, string][] = [
  [/KV\.ATTEMPTS\./, 'a message that is delivered again'],
  [/DIRECT\.GET\.EVENTS$/, 'an event that the broker takes for a duplicate'],
  [/ (parked|dlq)\.|pkg\.(attempt-)?failed\.\*$/, 'a message that cannot be worked on'],
  [
    /ACK\.EVENTS\.(aggregator-(pkg-(attempt-)?failed|batch-opened|request-submitted)|notifier-pkg-(approved|rejected|recalled))-/,
    'the same, or the other lane',
  ],
  [
    /republish$|_ANSWER\.(gateway|importer|notifier|scanner|aggregator)\.|_ANSWER\.(gateway|importer)\.>$/,
    'lost events',
  ],
  [
    /known-(requests|batches)$|release-parked$|(importer|notifier) .*CONSUMER\.LIST/,
    'a submission or a message that got lost on its way',
  ],
  [
    /aggregator publish \$JS\.API\.STREAM\.(UPDATE|MSG\.GET|CREATE|INFO)\./,
    'streams that lost settings or messages',
  ],
  [
    /aggregator publish \$JS\.API\.(CONSUMER\.INFO|DIRECT\.GET\.KV_WORKERS)/,
    'late work, instances that are gone',
  ],
  [
    /publish \$JS\.API\.CONSUMER\.(DELETE|INFO)\.EVENTS\.\*$/,
    'a reader that ends, or that the broker forgot',
  ],
  [
    /aggregator publish [a-z]+\.[a-z-]+(\.\*)?$|importer publish batch\.submitted/,
    'dead letters, news and the like',
  ],
];

/** What is allowed and was not done, and what was done and is not allowed. */
function compare(user: NatsUser, use: BrokerUse): { unused: string[]; foreign: string[] } {
  const { publish, subscribe } = natsRights[user];
  const unusedOf = (verb: string, allowed: string[], done: Set<string>) =>
    allowed
      .filter((one) => ![...done].some((subject) => isWithin(one, subject)))
      .map((one) => `${user} ${verb} ${one}`);
  const foreignOf = (verb: string, allowed: string[], done: Set<string>) =>
    [...done]
      .filter((subject) => !allowed.some((one) => isWithin(one, subject)))
      .map((one) => `${user} ${verb} ${one}`);
  return {
    unused: [
      ...unusedOf('publish', publish, use.published),
      ...unusedOf('subscribe', subscribe, use.subscribed),
    ],
    foreign: [
      ...foreignOf('publish', publish, use.published),
      ...foreignOf('subscribe', subscribe, use.subscribed),
    ],
  };
}

it('does everything within its rights, and has none that only trouble would explain', async () => {
  await useEverything();
  const { byService, violations } = await brokerUse(nats.logFile);
  expect(violations).toEqual([]);
  const services = natsUsers.filter((user) => user !== 'operator' && user !== 'cli');
  expect([...byService.keys()]).toEqual(expect.arrayContaining(services));
  const compared = services.map((user) => compare(user, byService.get(user)!));
  expect(compared.flatMap(({ foreign }) => foreign)).toEqual([]);
  const unexplained = compared
    .flatMap(({ unused }) => unused)
    .filter((right) => !forTrouble.some(([pattern]) => pattern.test(right)));
  expect(unexplained).toEqual([]);
});
