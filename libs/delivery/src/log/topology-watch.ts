import {
  buckets,
  bucketStream,
  bucketConfig,
  ensureTopology,
  eventsStream,
  isReadable,
  streamConfigs,
  widened,
  widenStream,
  type StreamInfo,
  type Bus,
  type WantedStream,
} from '@sluice/broker';
import { repeat, type ServiceContext } from '@sluice/runtime';
import { Counter, Gauge } from 'prom-client';
import { streamLosses } from './stream-watch.ts';

/** A stream that lost its oldest, or takes nothing because of a lowered limit, is noticed within this time. */
const lookMs = 10_000;
/** How long a change or a loss is told of in the service's health. */
const toldMs = 3_600_000;

const restored = new Counter({
  name: 'sluice_stream_limits_restored_total',
  help: 'Times that a stream had less room, copies or time than is wanted, and got it back.',
  labelNames: ['stream'] as const,
});
const replicas = new Gauge({
  name: 'sluice_stream_replicas',
  help: 'Copies of a stream or bucket in a cluster, the leader included.',
  labelNames: ['stream'] as const,
});
const replicasMissing = new Gauge({
  name: 'sluice_stream_replicas_missing',
  help: 'Copies of a stream or bucket that are wanted and not current, or not there.',
  labelNames: ['stream'] as const,
});

interface Told {
  at: number;
  text: string;
}

/**
 * Checks every ten seconds whether the streams and buckets have the wanted settings, and restores them in those that
 * do not: a `max_msgs` set by hand makes a stream refuse everything, in spite of all room. Makes missing ones again, which
 * is for the service that owns them: the others only use them. Reports events that were
 * removed before their time, of messages that the broker lost the file of, and of copies that are missing. In the log, the metrics and the health of the service.
 */
export async function watchTopology(
  bus: Bus,
  service: Pick<ServiceContext<unknown>, 'log' | 'health' | 'onStop'>,
  everyMs: number = lookMs,
): Promise<void> {
  const { log } = service;
  const told = new Map<string, Told>();
  let lacking: string[] = [];
  let oldest: OldestEvent | undefined;
  const tell = (about: string, text: string, data: object) => {
    told.set(about, { at: Date.now(), text });
    log.error(data, text);
  };
  const look = async () => {
    const wanted = wantedByName(bus);
    const incomplete: string[] = [];
    const seen = new Set<string>();
    for await (const info of bus.jsm.streams.list()) {
      const { name } = info.config;
      const want = wanted.get(name);
      if (!want) continue;
      seen.add(name);
      restored.inc({ stream: name }, 0);
      const made = await widenStream(bus, info, want);
      if (Object.keys(made).length > 0) {
        restored.inc({ stream: name });
        const was = Object.fromEntries(Object.keys(made).map((key) => [key, info.config[key as never]]));
        tell(`limits of ${name}`, `limits of ${name} were lowered and are put back`, { was, now: made });
      }
      const refused = Object.keys(widened({ ...info.config, ...made }, want)).filter(isNeeded);
      if (refused.length > 0) incomplete.push(`${name} cannot be given ${refused.join(', ')}`);
      const missing = missingCopies(info, want);
      replicas.set({ stream: name }, 1 + (info.cluster?.replicas?.length ?? 0));
      replicasMissing.set({ stream: name }, missing);
      if (missing > 0) incomplete.push(`${name}: ${missing} copies are missing or not current`);
      if (!(await isReadable(bus, info))) {
        const text = `${name} has messages that the broker cannot read: restart nats-server`;
        log.error({ stream: name, messages: info.state.messages, first: info.state.first_seq }, text);
        incomplete.push(text);
      }
      if (name !== eventsStream) continue;
      const now = oldestOf(info);
      if (oldest && wasRemovedEarly(oldest, now, Date.now())) {
        streamLosses.inc({ watcher: 'oldest' });
        tell('oldest events', 'events were removed from the stream before their time', { was: oldest, now });
      }
      oldest = now;
    }
    lacking = incomplete;
    if (seen.size < wanted.size) await ensureTopology(bus);
  };
  streamLosses.inc({ watcher: 'oldest' }, 0);
  service.health.add(
    'streams',
    () => {
      const lately = [...told.values()].filter(({ at }) => Date.now() - at < toldMs);
      const details = [
        ...lacking,
        ...lately.map(({ at, text }) => `${text} (${new Date(at).toISOString()})`),
      ];
      return details.length === 0 ? { ok: true } : { ok: false, detail: details.join('; ') };
    },
    { required: false },
  );
  await look().catch((error: unknown) => log.debug({ err: error }, 'streams cannot be looked at now'));
  repeat(service, { name: 'topology watch', everyMs, firstMs: everyMs, run: look });
}

/** A small disk has less room than is wanted, and the stream a part of it: that is no fault. */
const isNeeded = (field: string) => field !== 'max_bytes';

function wantedByName({ limits }: Bus): Map<string, Partial<WantedStream>> {
  const streams = streamConfigs(limits).map((stream) => [stream.name, stream] as const);
  return new Map([...streams, ...buckets.map((name) => [bucketStream(name), bucketConfig(limits)] as const)]);
}

function missingCopies(
  { config, cluster }: StreamInfo,
  { num_replicas: wanted = 1 }: Partial<WantedStream>,
): number {
  const current = 1 + (cluster?.replicas ?? []).filter((peer) => peer.current && !peer.offline).length;
  return Math.max(0, Math.max(wanted, config.num_replicas) - current);
}

export interface OldestEvent {
  sequence: number;
  lastSequence: number;
  /** When it was stored, in milliseconds since 1970; null while there is none. */
  storedAt: number | null;
  /** How long the stream keeps events, in milliseconds. */
  maxAgeMs: number;
}

function oldestOf({ config, state }: StreamInfo): OldestEvent {
  return {
    sequence: state.first_seq,
    lastSequence: state.last_seq,
    storedAt: state.messages > 0 ? Date.parse(state.first_ts) : null,
    maxAgeMs: config.max_age > 0 ? config.max_age / 1e6 : Infinity,
  };
}

/** Whether the oldest event is gone although it was not old enough. Pure. */
export function wasRemovedEarly(before: OldestEvent, now: OldestEvent, at: number): boolean {
  // A stream that was made anew is noticed by its identity.
  if (now.lastSequence < before.lastSequence) return false;
  if (before.storedAt === null) return now.sequence > before.lastSequence + 1;
  return now.sequence > before.sequence && before.storedAt + before.maxAgeMs > at;
}
