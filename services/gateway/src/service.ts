import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { intakes as knownIntakes } from '@sluice/ecosystems/intake';
import type { Intake } from '@sluice/intake';
import { registryDocuments } from '@sluice/ecosystems/settings';
import { lockfileAddresses } from '@sluice/registries';
import { agreeOnStore, openArtifacts, type SharedStore } from '@sluice/artifacts';
import { openControls, announceService, type ControlWatch } from '@sluice/stages';
import { connectService, ensureTopology, sharedStoreId, startWithBroker, type Bus } from '@sluice/broker';
import { deliveryMigrations, startOutboxRelay } from '@sluice/delivery';
import { defaultScope } from '@sluice/contracts';
import { parseScopes } from '@sluice/policy';
import { byKeySettings, openPostgres } from '@sluice/postgres';
import { allowedHosts, defineService, repeat, tlsIdentity, type ServiceContext } from '@sluice/runtime';
import { authenticator } from '@sluice/identity';
import { readSigningKeys } from '@sluice/signing';
import { findKey, noteUse } from './access/api-keys.ts';
import { openIdTokens } from './access/open-id-tokens.ts';
import { openSignIn } from './sign-in/open-sign-in.ts';
import { sessionDoor } from './sign-in/sessions.ts';
import { keepKeyRing } from './access/keep-key-ring.ts';
import { trustedProxies } from './http/client-address.ts';
import { quotasOf } from './quotas/quotas.ts';
import { keepApprovalMetrics } from './approval-metrics.ts';
import { createApp } from './app.ts';
import { startChangeFeed } from './streams/change-feed.ts';
import { gatewayConfig, type GatewayConfig } from './config.ts';
import { reconcileSubmissions } from './submissions/reconcile-submissions.ts';
import type { GatewayDeps } from './deps.ts';
import { listen } from './http/http-server.ts';
import { QueueSampler, sampleEveryMs } from './queues/queue-sampler.ts';

const schema = 'gateway';
/** The projector's schema, read and never written. */
const readSchema = 'read';
/** Below the idle timeouts of common proxies. */
const heartbeatMs = 15_000;
/** Below the ten seconds and more after which clients and proxies give up. */
const answerTimeoutMs = 8_000;
/** How often submissions are compared with the aggregator's requests: a lost one is noticed within 45 s. */
const reconcileMs = 15_000;
/** Rows of quotas that have ended only take room. */
const forgetMs = 600_000;

export const gatewayMigrations = [
  deliveryMigrations(schema),
  { schema, folder: new URL('../migrations/', import.meta.url) },
];

/** @param intakes lockfiles that are read, by ecosystem. */
export function gatewayServiceOf(intakes: readonly Intake[]) {
  return defineService<GatewayConfig>({
    name: 'gateway',
    config: gatewayConfig,
    start: (context) => startGateway(context, intakes),
  });
}

export const gatewayService = gatewayServiceOf(knownIntakes);

async function startGateway(
  context: ServiceContext<GatewayConfig>,
  intakes: readonly Intake[],
): Promise<void> {
  const { config, log, health, onStop, signal } = context;
  const scopes = await readScopes(config.SCOPES_FILE);
  const artifacts = openArtifacts(context);
  const own = await openPostgres(context, {
    schema,
    settings: byKeySettings,
    migrations: gatewayMigrations,
  });
  const read = await openPostgres(context, { schema: readSchema, name: 'postgres for reading' });
  health.add('read models', async () => ({ ok: (await read`select 1 from checkpoint`).length === 1 }));
  // Submissions are taken into the outbox while the broker is away: clients are not to be turned away for it.
  const bus = await connectService(context, { required: false });
  const relay = startOutboxRelay(bus, own, 'gateway', context);
  const changes = await startChangeFeed(read);
  onStop('change feed', changes.stop);

  const controls = await beginWithJetStream(bus, artifacts, context);
  const queues = new QueueSampler({ bus, read, log, controls });
  repeat(context, { name: 'sampling queues', everyMs: sampleEveryMs, run: () => queues.look() });

  keepApprovalMetrics(read, context);
  const keyRing = keepKeyRing(bus, own, context);
  const signIn = openSignIn(context);
  const deps: GatewayDeps = {
    own,
    read,
    artifacts,
    bus,
    changes: changes.feed,
    controls,
    queues,
    health,
    metrics: context.metrics,
    log,
    authenticate: authenticator({
      findKey: (id) => findKey(own, id),
      onUse: (key, now) => noteUse(own, key, now),
      sessions: signIn ? sessionDoor(own, signIn.idleMs) : undefined,
      localKey: config.LOCAL_KEY,
      isOpen: config.ACCESS === 'open',
      localName: userInfo().username,
    }),
    signIn,
    quotas: quotasOf(config),
    isTrustedProxy: trustedProxies(config.HTTP_TRUSTED_PROXIES),
    idTokens: openIdTokens(context),
    isAllowedHost: allowedHosts(config.HTTP_HOST, [
      ...config.HTTP_ALLOWED_HOSTS,
      ...(config.PUBLIC_URL ? [new URL(config.PUBLIC_URL).host] : []),
    ]),
    published: relay.notify,
    keysChanged: keyRing.wake,
    intakes,
    registriesOf: lockfileAddresses(registryDocuments(config)),
    scopes,
    hookKey: config.HOOK_KEY ?? null,
    signingKeys: config.SIGNING_KEYS ? readSigningKeys(config.SIGNING_KEYS) : null,
    bodyMaxBytes: config.BODY_MAX_BYTES,
    bodyTimeoutMs: config.BODY_TIMEOUT_SECONDS * 1000,
    answerTimeoutMs,
    outboxMax: config.OUTBOX_MAX,
    heartbeatMs,
    stopping: signal,
  };
  repeat(context, {
    name: 'comparing submissions with the aggregator',
    everyMs: reconcileMs,
    firstMs: reconcileMs,
    run: () => reconcileSubmissions(deps),
  });
  repeat(context, {
    name: 'forgetting quotas that have ended',
    everyMs: forgetMs,
    run: async () => void (await own`delete from quotas where resets_at < now()`),
  });
  const { url: address, stop } = await listen(createApp(deps), {
    host: config.HTTP_HOST,
    port: config.HTTP_PORT,
    tls: tlsIdentity(config.HTTP_TLS_CERT, config.HTTP_TLS_KEY),
  });
  onStop('http', stop);
  log.info({ url: address }, 'listening');
}

/** @throws PermanentError `config.invalid`. */
async function readScopes(document: string | undefined): Promise<ReadonlySet<string>> {
  const further = document ? parseScopes(await readFile(document, 'utf8')) : new Map();
  return new Set([defaultScope, ...further.keys()]);
}

/**
 * Begins the parts that need JetStream. If it is away, the start does not wait for it: the API takes submissions in, and
 * the parts begin later.
 * @returns the controls that hold; none while they are not known, since they are only shown.
 * @throws PermanentError `artifact.another-store`; later it makes the store refuse everything, and the service unready.
 */
async function beginWithJetStream(
  bus: Bus,
  artifacts: SharedStore,
  context: ServiceContext<GatewayConfig>,
): Promise<Pick<ControlWatch, 'controls'>> {
  const { log, onStop, signal } = context;
  let watch: ControlWatch | undefined;
  let isAway = () => {};
  const away = new Promise<void>((resolve) => (isAway = resolve));
  const begin = (step: (part: typeof context) => Promise<unknown>) =>
    startWithBroker(context, step, { required: false, onWait: isAway });
  const begun = (async () => {
    await begin(() => ensureTopology(bus));
    await begin(async () => agreeOnStore(artifacts, await sharedStoreId(bus), signal));
    await begin(async (part) => (watch = await openControls(bus, part)));
    await begin((part) => announceService(bus, part));
  })();
  await Promise.race([begun, away]);
  const late = begun.catch((error: unknown) => {
    if (!signal.aborted) log.fatal({ err: error }, 'the gateway cannot work with this broker or store');
  });
  onStop('jetstream', () => late);
  return {
    get controls() {
      return watch?.controls ?? [];
    },
  };
}
