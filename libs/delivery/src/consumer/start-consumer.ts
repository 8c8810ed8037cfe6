import type { ServiceContext } from '@sluice/runtime';
import { openAttemptLedger } from '../attempts/attempt-ledger.ts';
import { BatchWorker } from './batch-worker.ts';
import { Circuits } from '../circuits/circuits.ts';
import type { Bus } from '@sluice/broker';
import { consumerName, queuesOf } from './consumer-names.ts';
import type { BatchHandler, ConsumerDefinition } from './define-consumer.ts';
import { LastTries } from '../attempts/last-tries.ts';
import { Puller } from '../pull/puller.ts';
import { startReleasing } from '../letters/release-parked.ts';
import { SlotPool } from '../pull/slot-pool.ts';

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
): Promise<void> {
  const name = consumerName(definition);
  const { log, signal: stopping } = service;
  // Batches cannot be told apart by their needs: one circuit for all outages.
  const circuits = new Circuits({
    consumer: name,
    log,
    controls: { findHost: () => undefined },
    retryBaseMs: definition.limits.retryBaseMs,
    onChange: () => pullers.forEach((puller) => puller.wake()),
  });
  const ledger = await openAttemptLedger(bus, name);
  const lastTries = new LastTries(ledger);
  const newWorker = () =>
    new BatchWorker({ bus, definition, name, handle, ledger, lastTries, circuits, log, stopping });
  const workers = { interactive: newWorker(), bulk: newWorker() };
  const slots = new SlotPool(definition.limits.batchMax * 2);
  const pullers: Puller[] = queuesOf(definition).map(
    ({ lane, durable, filterSubject }) =>
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
  // Registered before the pullers start: a start that fails half way ends those that pull already.
  service.onStop(`consumer ${name}`, async () => {
    pullers.forEach((puller) => puller.stop());
    await Promise.all(pullers.map((puller) => puller.idle()));
  });
  for (const puller of pullers) await puller.start();
  const stopReleasing = startReleasing(bus, definition.service, definition.consumes, service.log);
  service.onStop(`releasing messages for ${name}`, stopReleasing);
}
