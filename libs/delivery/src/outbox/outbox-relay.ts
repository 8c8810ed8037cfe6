import {
  drainOutbox,
  lastWaiting,
  outboxBacklog,
  purgeDelivered,
  republishOutbox,
  type OutboxRow,
} from './outbox.ts';
import type { Sql, Tx } from '@sluice/postgres';
import { failpoint, type ServiceContext } from '@sluice/runtime';
import { Gauge } from 'prom-client';
import { pkgRequested } from '@sluice/contracts';
import { serveCommand, publishRaw, type Bus } from '@sluice/broker';
import { FreshMessages } from './fresh-messages.ts';
import { republishCommand } from './republish.ts';
import { noticeLostStream } from '../log/stream-watch.ts';

export interface OutboxRelay {
  /**
   * Says that a transaction with outgoing messages was committed: they are published at once.
   * @param written what it wrote, see `withOutbox`; without that it is read from the outbox.
   */
  notify: (written?: OutboxRow[]) => void;
}

/** Messages kept in memory at most until they are published. */
const freshMax = 20_000;
/** Messages of the table published in one go; the next go starts as soon as all of them are confirmed. */
const batchMax = 500;
/** How often to look for what a crash or an outage left behind. */
const sweepMs = 2_000;
/** Wait after a failure: the broker or Postgres is away. */
const retryMs = 1_000;
/** Rows are kept for as long as lost broker data might have to be published again. */
const keepHours = 48;
const purgeEveryMs = 10 * 60_000;
/** How often to look whether the stream is still the one that was published to. */
const streamCheckMs = 2_000;

/** How often the backlog is looked at for the metrics. */
const reportMs = 2_000;

const backlogAge = new Gauge({
  name: 'sluice_outbox_oldest_age_seconds',
  help: 'Age of the oldest message that is not published yet.',
  labelNames: ['service'] as const,
});
const backlogSize = new Gauge({
  name: 'sluice_outbox_waiting',
  help: 'Messages that are not published yet.',
  labelNames: ['service'] as const,
});

/**
 * Publishes what committed transactions left in the outbox. Messages go out in the order in which they were written,
 * as far as one replica can tell; consumers do not rely on it.
 */
export function startOutboxRelay(
  bus: Bus,
  sql: Sql,
  serviceName: string,
  service: Pick<ServiceContext<unknown>, 'log' | 'onStop'>,
): OutboxRelay {
  let stopped = false;
  let wanted = true;
  let wake: (() => void) | undefined;
  /** Whether the stream that is published to was noted: one that is lost before that would not be missed. */
  let isStreamKnown = false;
  const publish = (rows: OutboxRow[]) => publishAll(bus, rows);
  const fresh = new FreshMessages(sql, publish, freshMax);
  const notify = (written?: OutboxRow[]) => {
    // Until the stream is known, committed messages wait for the loop below, which notes it first.
    if (written && (stopped || (isStreamKnown && fresh.add(written)))) return;
    wanted = true;
    wake?.();
  };
  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    }).finally(() => (wake = undefined));

  async function run(): Promise<void> {
    let lastPurge = Date.now();
    let lastStreamCheck = 0;
    let lastReport = 0;
    /** What waits beyond this was written since the last look: it is likely being published from memory now. */
    let upTo = 0;
    while (!stopped) {
      try {
        const all = wanted;
        wanted = false;
        if (Date.now() - lastReport > reportMs) {
          // Before the broker is asked anything: the age matters most while the broker takes nothing.
          await reportBacklog(sql, serviceName);
          lastReport = Date.now();
        }
        if (Date.now() - lastStreamCheck > streamCheckMs) {
          // What the lost stream had confirmed must not be marked after it was put back.
          await fresh.mark();
          await republishWhatWasLost(bus, sql, service.log);
          lastStreamCheck = Date.now();
          isStreamKnown = true;
        }
        const { taken, published } = await drainOutbox(sql, batchMax, publish, all ? undefined : upTo);
        if (published < taken) await pause(retryMs);
        else if (taken === batchMax) wanted ||= all;
        else {
          upTo = await lastWaiting(sql);
          if (!wanted && !stopped) await pause(sweepMs);
        }
        if (Date.now() - lastPurge > purgeEveryMs) {
          lastPurge = Date.now();
          await purgeDelivered(sql, keepHours);
        }
      } catch (error) {
        if (stopped) return;
        service.log.warn({ err: error }, 'outbox cannot be drained; it is tried again');
        await pause(retryMs);
      }
    }
  }
  const running = run();
  serveCommand(
    bus,
    republishCommand(serviceName),
    async () => {
      const messages = (await sql.begin(republish)) as number;
      service.log.error({ messages }, 'a reader missed events; what was published lately is published again');
      notify();
      return { messages };
    },
    service.log,
  );
  service.onStop('outbox relay', async () => {
    stopped = true;
    wake?.();
    await Promise.all([running, fresh.stop()]);
  });
  return { notify };
}

/**
 * Requests for work are left out: the reconciler sends through the stages again what is in flight, and an assessment
 * that ended has no more work.
 */
function republish(tx: Tx): Promise<number> {
  return republishOutbox(tx, keepHours, pkgRequested.type);
}

async function republishWhatWasLost(bus: Bus, sql: Sql, log: ServiceContext<unknown>['log']): Promise<void> {
  await noticeLostStream(bus, sql, 'outbox', async (tx) => {
    const messages = await republish(tx);
    log.error({ messages }, 'the broker lost data; what was published to it lately is published again');
  });
}

/** @returns positions in the outbox of the messages that the broker confirmed. */
async function publishAll(bus: Bus, rows: OutboxRow[]): Promise<number[]> {
  if (rows.length === 0) return [];
  // Not awaited one by one: the order on the wire is the order of the calls.
  const results = await Promise.allSettled(rows.map((row) => publishRaw(bus, row)));
  failpoint('published');
  return rows.flatMap(({ position }, index) => (results[index]?.status === 'fulfilled' ? [position] : []));
}

async function reportBacklog(sql: Sql, service: string): Promise<void> {
  const { waiting, oldestAgeSeconds } = await outboxBacklog(sql);
  backlogSize.set({ service }, waiting);
  backlogAge.set({ service }, oldestAgeSeconds);
}
