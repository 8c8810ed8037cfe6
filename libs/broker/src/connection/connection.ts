import { jetstream, jetstreamManager, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import type { Health, Logger } from '@sluice/runtime';
import { accessOptions, type NatsAccess } from './nats-access.ts';
import { inboxPrefix } from './inboxes.ts';
import { PubAcks } from './pub-acks.ts';
import { RefusedError, Refusals, readRefusal } from './refusals.ts';
import { defaultTopologyLimits, type TopologyLimits } from '../streams/stream-configs.ts';

/** A connection to NATS, as the rest of the library uses it. */
export interface Bus {
  nc: NatsConnection;
  js: JetStreamClient;
  jsm: JetStreamManager;
  /** Publishes with confirmation; see `publish`. */
  acks: PubAcks;
  /** Operations that the broker refuses this connection. */
  refusals: Refusals;
  /**
   * Calls back each time that the connection was lost and made anew. What was asked of the broker before is forgotten.
   * @returns ends the calls.
   */
  onReconnect(listener: () => void): () => void;
  /** Name of the connecting service. */
  service: string;
  /** Name of the connecting service instance, for worker lists and attempts. */
  instance: string;
  /** Whether it makes streams and buckets that are missing. */
  isMaker: boolean;
  /** Settings of streams and buckets. */
  limits: TopologyLimits;
  /** Whether the connected server is at least this version, for instance `atLeast(2, 10)`. */
  atLeast(major: number, minor: number): boolean;
  close(): Promise<void>;
}

export interface BusOptions extends NatsAccess {
  /**
   * False for a client that waits for streams and buckets until another one has made them: whoever may make a stream may
   * also shrink it to nothing. Default true.
   */
  isMaker?: boolean;
  /** The defaults unless given. */
  limits?: TopologyLimits;
  /**
   * A broker that answers a request no sooner than this is taken to be away, and one that confirms a message in no less
   * than three times as long. Default 5 s.
   */
  answerMaxMs?: number;
  service: string;
  instance: string;
  log: Logger;
}

/** Longer than a broker needs on a busy disk. */
const answerDefaultMaxMs = 5_000;

/**
 * 15 s: a cluster chooses the leader of a stream in 4 to 9 s. A stage that gave its message back before would give it to
 * a consumer that has no leader either, and see it again only after the ack-wait.
 */
const confirmPerAnswer = 3;

/** A server that answers nothing for this long, twice, is gone: the connection is given up and made anew. */
const pingIntervalMs = 10_000;

/**
 * Connects, and stays connected: it waits for the first server for as long as it takes and reconnects for ever. An
 * outage of the broker never ends a service.
 */
export async function connectBus(options: BusOptions): Promise<Bus> {
  const {
    service,
    instance,
    log,
    isMaker = true,
    limits = defaultTopologyLimits,
    answerMaxMs = answerDefaultMaxMs,
  } = options;
  const connectOptions: NodeConnectionOptions = {
    ...accessOptions(options),
    name: `sluice-${service}@${instance}`,
    inboxPrefix: inboxPrefix(service),
    reconnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
    reconnectJitter: 500,
    waitOnFirstConnect: true,
    pingInterval: pingIntervalMs,
    maxPingOut: 2,
    ignoreClusterUpdates: false,
    // A stack for every request, in case it fails, was a tenth of the cost of publishing.
    noAsyncTraces: true,
  };
  // Wrong credentials end the start. Later ones do not end the connection: they may be changed at the broker first.
  await (await connect(connectOptions)).close();
  const nc = await connect({ ...connectOptions, ignoreAuthErrorAbort: true });
  const refusals = new Refusals(log);
  const acks = new PubAcks(nc, inboxPrefix(service), confirmPerAnswer * answerMaxMs);
  const reconnected = new Set<() => void>();
  void followStatus(nc, log, refusals, acks, reconnected);
  const js = jetstream(nc, { timeout: answerMaxMs });
  const jsm = await jetstreamManager(nc, { timeout: answerMaxMs, checkAPI: false });
  return {
    nc,
    js,
    jsm,
    acks,
    refusals,
    onReconnect(listener) {
      reconnected.add(listener);
      return () => void reconnected.delete(listener);
    },
    service,
    instance,
    isMaker,
    limits,
    atLeast: (major, minor) => isAtLeast(nc.info?.version ?? '0.0.0', major, minor),
    async close() {
      if (nc.isClosed()) return;
      // Draining flushes published messages; a broker that is gone cannot be flushed to.
      await Promise.race([nc.drain(), new Promise((resolve) => setTimeout(resolve, 2_000).unref())]);
      await nc.close();
    },
  };
}

/**
 * Reports whether the broker is reachable and refuses nothing.
 * @param options.required false for a service that does its work without it, too.
 */
export function addBusHealth(health: Health, bus: Bus, options: { required?: boolean } = {}): void {
  const check = async () => {
    await bus.nc.flush();
    const refused = bus.refusals.current();
    if (refused.length > 0) return { ok: false, detail: `refused: ${refused.join('; ')}` };
    return { ok: true, detail: `nats-server ${bus.nc.info?.version ?? 'unknown'}` };
  };
  health.add('nats', check, options);
}

function isAtLeast(version: string, major: number, minor: number): boolean {
  const [haveMajor = 0, haveMinor = 0] = version.split('.').map(Number);
  return haveMajor > major || (haveMajor === major && haveMinor >= minor);
}

/** Logs changes of the connection, and refusals, which the broker reports apart from the refused operation. */
async function followStatus(
  nc: NatsConnection,
  log: Logger,
  refusals: Refusals,
  acks: PubAcks,
  reconnected: ReadonlySet<() => void>,
): Promise<void> {
  for await (const status of nc.status()) {
    if (status.type === 'reconnect') {
      refusals.reconnected();
      for (const listener of reconnected) listener();
    }
    if (status.type === 'disconnect' || status.type === 'reconnect') {
      log.warn({ status: status.type }, `nats: ${status.type}`);
    }
    if (status.type !== 'error') continue;
    const refusal = readRefusal(status.error);
    if (!refusal) {
      log.warn({ err: status.error }, 'nats: error');
      continue;
    }
    const { operation, subject } = refusal;
    const error = new RefusedError('permissions', status.error.message);
    if (operation === 'publish') acks.refused(subject, error);
    refusals.note(`${operation} ${subject}`, error, operation === 'subscription');
  }
}
