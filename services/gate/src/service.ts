import { userInfo } from 'node:os';
import { agreeOnStore, openArtifacts } from '@sluice/artifacts';
import { connectService, ensureTopology, sharedStoreId, startWithBroker, type Bus } from '@sluice/broker';
import { facades } from '@sluice/ecosystems/facade';
import { registryClients } from '@sluice/ecosystems/registry';
import { registryDocuments } from '@sluice/ecosystems/settings';
import { authenticator, KeyRing } from '@sluice/identity';
import { openRegistries } from '@sluice/registries';
import { allowedHosts, defineService, repeat, tlsIdentity, type ServiceContext } from '@sluice/runtime';
import { announceService } from '@sluice/stages';
import { Asker } from './asks/asker.ts';
import { NewestVersions } from './asks/newest-version.ts';
import { InstallsLog } from './installs/installs-log.ts';
import { tellInstalls } from './installs/tell-installs.ts';
import { gateConfig, type GateConfig } from './config.ts';
import type { GateDeps } from './deps.ts';
import { followKeys } from './follow-keys.ts';
import { DocumentCache } from './serving/document-cache.ts';
import { listenGate } from './serving/gate-server.ts';
import { KnownBytes } from './serving/known-bytes.ts';
import { documentKey } from './serving/serve-document.ts';
import { UpstreamFiles } from './serving/upstream-files.ts';
import { followStandings, type Standings } from './standings/follow-standings.ts';
import { readSnapshot, writeSnapshot } from './standings/snapshot.ts';
import { StandingIndex } from './standings/standing-index.ts';

/** A gate that is started without the broker knows all but the last minute. */
const snapshotEveryMs = 60_000;

export const gateService = defineService<GateConfig>({ name: 'gate', config: gateConfig, start: startGate });

async function startGate(context: ServiceContext<GateConfig>): Promise<void> {
  const { config, log, onStop } = context;
  const artifacts = openArtifacts(context);
  const ring = new KeyRing();
  const documents = new DocumentCache();
  const standings = await recall(config.GATE_DIR, ring);
  const connection = connectInTheBackground(context);
  const documentsOf = registryDocuments(config);
  const registries = await openRegistries(context, { clients: registryClients, documents: documentsOf });
  const deps: GateDeps = {
    facades,
    standings,
    artifacts,
    documents,
    bytes: new KnownBytes(artifacts),
    bus: connection.now,
    asker: new Asker({ bus: connection.now, artifacts }),
    registries,
    newest: new NewestVersions(registries),
    installs: new InstallsLog(),
    upstreamFiles: new UpstreamFiles(registries, log),
    authenticate: authenticator({
      findKey: (id) => ring.find(id),
      takesBasic: true,
      localKey: config.LOCAL_KEY,
      isOpen: config.ACCESS === 'open',
      localName: userInfo().username,
    }),
    isAllowedHost: allowedHosts(config.GATE_HOST, allowedNames(config)),
    publicUrl: '',
    waitMs: config.GATE_WAIT_MS,
    log,
  };
  await tellInstalls(deps.installs, { folder: config.GATE_DIR, bus: connection.now }, context);
  const server = await listenGate(deps, {
    host: config.GATE_HOST,
    port: config.GATE_PORT,
    tls: tlsIdentity(config.GATE_TLS_CERT, config.GATE_TLS_KEY),
  });
  deps.publicUrl = (config.GATE_URL ?? server.url).replace(/\/+$/, '');
  onStop('http', server.stop);
  addHealth(standings, context);
  const following = follow(deps, connection.made, ring, context);
  onStop('standings', () => following);
  repeat(context, {
    name: 'keeping a snapshot of what is approved',
    everyMs: snapshotEveryMs,
    firstMs: snapshotEveryMs,
    run: () => keep(config.GATE_DIR, standings, ring),
  });
  onStop('snapshot', () => keep(config.GATE_DIR, standings, ring));
  log.info({ url: server.url }, 'listening');
}

/** Names by which clients may ask for the gate. */
function allowedNames({ GATE_URL, GATE_ALLOWED_HOSTS }: GateConfig): string[] {
  return GATE_URL === undefined ? GATE_ALLOWED_HOSTS : [...GATE_ALLOWED_HOSTS, new URL(GATE_URL).host];
}

/** What was known when the gate last ran. */
async function recall(folder: string, ring: KeyRing): Promise<Standings> {
  const snapshot = await readSnapshot(folder);
  if (snapshot === null) return { index: new StandingIndex(), position: null, currentAt: null };
  ring.replace(snapshot.keys);
  return { index: snapshot.index, position: snapshot.position, currentAt: snapshot.at };
}

async function keep(folder: string, { index, position, currentAt }: Standings, ring: KeyRing): Promise<void> {
  if (position === null || currentAt === null) return;
  // The position of before the entries are read: what comes meanwhile is applied again, and changes nothing.
  await writeSnapshot(folder, { position: { ...position }, at: currentAt, keys: ring.contents, index });
}

interface Connection {
  /** The connection; null while there is none yet. */
  now: () => Bus | null;
  /** Resolves once there is one, with null when the gate stops before. */
  made: Promise<Bus | null>;
}

/** The gate serves what it knows, whether or not the broker is there. */
function connectInTheBackground(context: ServiceContext<GateConfig>): Connection {
  const { signal } = context;
  let now: Bus | null = null;
  const connecting = connectService(context, { required: false }).then(async (bus) => {
    now = bus;
    // Too late for the steps of the stop.
    if (signal.aborted) await bus.close();
    return bus;
  });
  const stopped = new Promise<null>((resolve) =>
    signal.addEventListener('abort', () => resolve(null), { once: true }),
  );
  const made = Promise.race([connecting, stopped]);
  return { now: () => now, made };
}

/** Follows the events and the keys until the gate stops. */
async function follow(
  { standings, artifacts, documents, log }: GateDeps,
  connecting: Promise<Bus | null>,
  ring: KeyRing,
  context: ServiceContext<GateConfig>,
): Promise<void> {
  const { signal } = context;
  const watch = () =>
    standings.index.onChange(({ scope, type, name }) => documents.drop(documentKey(scope, type, name)));
  watch();
  const begin = (step: (part: typeof context) => Promise<unknown>) =>
    startWithBroker(context, step, { required: false });
  try {
    const bus = await connecting;
    if (bus === null) return;
    await begin(() => ensureTopology(bus));
    await begin(async () =>
      agreeOnStore(artifacts as Parameters<typeof agreeOnStore>[0], await sharedStoreId(bus), signal),
    );
    await begin((part) => announceService(bus, part));
    followKeys(ring, bus, context);
    const onReplaced = () => {
      watch();
      documents.clear();
    };
    await followStandings(standings, { bus, artifacts, log, onReplaced }, signal);
  } catch (error) {
    if (!signal.aborted) log.fatal({ err: error }, 'the gate cannot work with this broker or store');
  }
}

function addHealth(standings: Standings, { config, health }: ServiceContext<GateConfig>): void {
  health.add('standings', () => {
    const { index, currentAt } = standings;
    if (currentAt === null) return { ok: false, detail: 'has not learned yet what is approved' };
    const ageSeconds = Math.round((Date.now() - currentAt.getTime()) / 1_000);
    const detail = `${index.size} package versions, as of ${ageSeconds} s ago`;
    return { ok: ageSeconds <= config.GATE_STALE_SECONDS, detail };
  });
}
