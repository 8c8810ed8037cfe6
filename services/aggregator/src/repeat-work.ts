import type { StoreRegistry } from '@sluice/artifacts';
import type { Bus } from '@sluice/broker';
import { repeat, type ServiceContext } from '@sluice/runtime';
import type { AggregatorConfig } from './config.ts';
import { endCancelledBatches } from './batches/end-cancelled.ts';
import { forgetGoneWorkers, publishControls } from './recovery/controls.ts';
import type { AggregatorDeps } from './deps.ts';
import { reconcile } from './recovery/reconcile.ts';
import { redriveAfterLoss } from './recovery/redrive-after-loss.ts';
import { wakeEveryMaxMs, wakePackages } from './packages/wake-packages.ts';

/** A look costs one query of an index that is nearly always empty. */
const cancelEveryMaxMs = 2_000;

/** Repeats the work that no event begins, until the service stops. */
export function repeatWork(
  bus: Bus,
  deps: AggregatorDeps,
  stores: StoreRegistry,
  context: Pick<ServiceContext<AggregatorConfig>, 'config' | 'log' | 'onStop'>,
): void {
  const { config } = context;
  const everyMs = config.RECONCILE_SECONDS * 1000;
  // The broker's copies of the store's id and of the controls: it may have lost them.
  repeat(context, { name: 'keeping the store id', everyMs, firstMs: everyMs, run: () => stores.read() });
  repeat(context, { name: 'publishing controls', everyMs, run: () => publishControls(bus, deps) });
  // Not at the start: instances need some seconds to announce themselves to a broker that lost its data.
  const forget = () => forgetGoneWorkers(bus, deps);
  repeat(context, { name: 'forgetting gone workers', everyMs, firstMs: everyMs, run: forget });
  repeat(context, {
    name: 'reconciling',
    everyMs,
    // At once: a loss is noticed only by comparison with an earlier look.
    run: async () => {
      await redriveAfterLoss(bus, deps);
      await reconcile(bus, deps);
    },
  });
  // A request of a cancelled batch may be taken in later than that, and is not to be worked on for long.
  const cancelEveryMs = Math.min(everyMs, cancelEveryMaxMs);
  repeat(context, {
    name: 'cancelling requests of cancelled batches',
    everyMs: cancelEveryMs,
    run: () => endCancelledBatches(deps),
  });
  const wakeEveryMs = Math.min(everyMs, wakeEveryMaxMs);
  repeat(context, {
    name: 'judging ended decisions anew',
    everyMs: wakeEveryMs,
    run: () => wakePackages(deps),
  });
}
