import { lanes, type Lane } from '@sluice/contracts';
import type { ServiceContext } from '@sluice/runtime';
import { openAttemptLedger } from './attempt-ledger.ts';
import { BatchWorker } from './batch-worker.ts';
import { Circuits } from './circuits.ts';
import type { Bus } from './connection.ts';
import { kindsOf, type BatchHandler, type ConsumerDefinition } from './define-consumer.ts';
import { Puller } from './puller.ts';
import { startReleasing } from './release-parked.ts';
import { SlotPool } from './slot-pool.ts';
import { ensureTopology } from './topology.ts';

export interface RunningConsumer {
  /** About how many events of a lane wait at the broker. */
  waiting(lane: Lane): number;
}

/**
 * Runs a consumer with state: events come in batches as large as the handler's pace makes them. Each lane has batches
 * of its own, at the same time as the other's: an interactive event does not wait for a batch of bulk ones.
 * A batch that fails over one of its events is tried again one by one, so that the others do not suffer.
 */
export async function startConsumer<Data>(
  bus: Bus,
  definition: ConsumerDefinition<Data>,
  handle: BatchHandler<Data>,
  service: Pick<ServiceContext<unknown>, 'log' | 'signal' | 'onStop'>,
): Promise<RunningConsumer> {
  await ensureTopology(bus);
  const kinds = kindsOf(definition);
  const durableOf = (type: string) => `${definition.service}-${type.replace('.', '-')}`;
  const name = definition.name ? `${definition.service}-${definition.name}` : durableOf(kinds[0]!.type);
  const { log, signal: stopping } = service;
  // Batches cannot be told apart by what they need: one circuit for Postgres and whatever else is away.
  const circuits = new Circuits({
    consumer: name,
    log,
    controls: { findHost: () => undefined },
    retryBaseMs: definition.limits.retryBaseMs,
    onChange: () => pullers.forEach((puller) => puller.wake()),
  });
  const ledger = await openAttemptLedger(bus, name);
  const newWorker = () => new BatchWorker({ bus, definition, name, handle, ledger, circuits, log, stopping });
  const workers = { interactive: newWorker(), bulk: newWorker() };
  // One filter subject each: brokers before 2.10 know no others.
  const queues = kinds.flatMap(({ type }) => {
    // Of their own for each kind: what waits for one kind must not keep the others from being asked for.
    const slots = new SlotPool(definition.limits.batchMax * 2);
    return definition.laneless
      ? [{ lane: 'interactive' as const, durable: durableOf(type), filterSubject: type, slots }]
      : lanes.map((lane) => ({
          lane,
          durable: `${durableOf(type)}-${lane}`,
          filterSubject: `${type}.${lane}`,
          slots,
        }));
  });
  const pullers: Puller[] = queues.map(
    ({ lane, durable, filterSubject, slots }) =>
      new Puller({
        bus,
        lane,
        slots,
        log: service.log,
        onMessage: (message) => workers[lane].add(durable, message),
        onFree: () => pullers.forEach((puller) => puller.refill()),
        pausedUntil: () => circuits.pausedUntil(),
        spec: {
          durable,
          filterSubject,
          ackWaitMs: definition.limits.ackWaitMs,
          maxAckPending: 10_000,
        },
      }),
  );
  for (const puller of pullers) await puller.start();
  const stopReleasing = startReleasing(bus, definition.service, kinds, service.log);
  service.onStop(`consumer ${name}`, async () => {
    pullers.forEach((puller) => puller.stop());
    await Promise.all(pullers.map((puller) => puller.idle()));
    await stopReleasing();
  });
  return {
    waiting: (lane) =>
      pullers.filter((puller) => puller.lane === lane).reduce((sum, { waiting }) => sum + waiting, 0),
  };
}
