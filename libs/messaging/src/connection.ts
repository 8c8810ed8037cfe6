import { jetstream, jetstreamManager, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { Health, Logger } from '@sluice/runtime';
import { accessOptions, type NatsAccess } from './nats-access.ts';
import { PubAcks } from './pub-acks.ts';
import { defaultTopologyLimits, type TopologyLimits } from './stream-configs.ts';

/** A connection to NATS with what the rest of the library needs of it. */
export interface Bus {
  nc: NatsConnection;
  js: JetStreamClient;
  jsm: JetStreamManager;
  /** Publishes with confirmation; see `publish`. */
  acks: PubAcks;
  /** Name of the connecting service instance, for worker lists and attempts. */
  instance: string;
  /** What the streams and buckets are made with. */
  limits: TopologyLimits;
  /** Whether the connected server is at least this version, for instance `atLeast(2, 10)`. */
  atLeast(major: number, minor: number): boolean;
  close(): Promise<void>;
}

export interface BusOptions extends NatsAccess {
  /** The defaults unless given. */
  limits?: TopologyLimits;
  service: string;
  instance: string;
  log: Logger;
}

/** A server that answers nothing for this long, twice, is gone: the connection is given up and made anew. */
const pingIntervalMs = 10_000;

/**
 * Connects, and stays connected: it waits for the first server for as long as it takes and reconnects for ever. An
 * outage of the broker never ends a service.
 */
export async function connectBus(options: BusOptions): Promise<Bus> {
  const { service, instance, log, limits = defaultTopologyLimits } = options;
  const nc = await connect({
    ...accessOptions(options),
    name: `sluice-${service}@${instance}`,
    reconnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
    reconnectJitter: 500,
    waitOnFirstConnect: true,
    pingInterval: pingIntervalMs,
    maxPingOut: 2,
    ignoreClusterUpdates: false,
    // A stack for every request, in case it fails, was a tenth of what publishing costs.
    noAsyncTraces: true,
  });
  void logStatus(nc, log);
  const js = jetstream(nc, { timeout: 5_000 });
  const jsm = await jetstreamManager(nc, { timeout: 5_000, checkAPI: false });
  return {
    nc,
    js,
    jsm,
    acks: new PubAcks(nc),
    instance,
    limits,
    atLeast: (major, minor) => isAtLeast(nc.info?.version ?? '0.0.0', major, minor),
    async close() {
      if (nc.isClosed()) return;
      // Draining flushes what was published; a broker that is gone cannot be flushed to.
      await Promise.race([nc.drain(), new Promise((resolve) => setTimeout(resolve, 2_000).unref())]);
      await nc.close();
    },
  };
}

/**
 * Reports whether the broker is reachable.
 * @param options.required false for a service that does its work without it, too.
 */
export function addBusHealth(health: Health, bus: Bus, options: { required?: boolean } = {}): void {
  const check = async () => {
    await bus.nc.flush();
    return { ok: true, detail: `nats-server ${bus.nc.info?.version ?? 'unknown'}` };
  };
  health.add('nats', check, options);
}

function isAtLeast(version: string, major: number, minor: number): boolean {
  const [haveMajor = 0, haveMinor = 0] = version.split('.').map(Number);
  return haveMajor > major || (haveMajor === major && haveMinor >= minor);
}

async function logStatus(nc: NatsConnection, log: Logger): Promise<void> {
  for await (const status of nc.status()) {
    if (status.type === 'disconnect' || status.type === 'reconnect' || status.type === 'error') {
      log.warn({ status: status.type }, `nats: ${status.type}`);
    }
  }
}
