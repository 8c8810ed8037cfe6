import {
  advisoriesChanged,
  advisoriesImported,
  batchOpened,
  batchSubmitted,
  lanes,
  pkgAttemptFailed,
  pkgFailed,
  pkgScanned,
  requestSubmitted,
} from '@sluice/contracts';
import { startConsumer, type BatchHandler, type ConsumerDefinition } from '@sluice/delivery';
import { retireConsumers, startWithBroker, type Bus } from '@sluice/broker';
import type { ServiceContext } from '@sluice/runtime';
import type { AggregatorDeps } from './deps.ts';
import { giveUpRequest } from './requests/give-up-request.ts';
import { onBatchOpened } from './batches/on-batch-opened.ts';
import { onBatchSubmitted } from './batches/on-batch-submitted.ts';
import { onAdvisoriesChanged } from './packages/on-advisories-changed.ts';
import { onAdvisoriesImported } from './packages/on-advisories-imported.ts';
import { onAttemptFailed } from './assessments/on-attempt-failed.ts';
import { onEvidence } from './assessments/on-evidence.ts';
import { onFailed } from './assessments/on-failed.ts';
import { onRequestSubmitted } from './requests/on-request-submitted.ts';

const service = 'aggregator';
/** A batch is one transaction: large enough to share its cost, small enough to be done in tens of milliseconds. */
const limits = { batchMax: 200, attemptsMax: 10, ackWaitMs: 30_000 };

/** Facts of the stages before the last one end nothing; version 0.1 took note of them. */
const retired = ['licensed', 'downloaded'].flatMap((fact) =>
  lanes.map((lane) => `aggregator-pkg-${fact}-${lane}`),
);

type Context = Pick<ServiceContext<unknown>, 'log' | 'health' | 'signal' | 'onStop'>;

/** Starts the aggregator's consumers. */
export async function startConsumers(bus: Bus, deps: AggregatorDeps, context: Context): Promise<void> {
  const start = <Data>(definition: ConsumerDefinition<Data>, handle: BatchHandler<Data>) =>
    startWithBroker(context, (part) => startConsumer(bus, definition, handle, part));
  await startWithBroker(context, () => retireConsumers(bus, retired));
  await start({ service, consumes: advisoriesImported, laneless: true, limits }, onAdvisoriesImported(deps));
  await start({ service, consumes: advisoriesChanged, laneless: true, limits }, onAdvisoriesChanged(deps));
  await start({ service, consumes: batchSubmitted, limits }, onBatchSubmitted(deps));
  await start({ service, consumes: batchOpened, limits }, onBatchOpened(deps));
  await start(
    // Fewer: an interactive request waits for the batch before it, in which each may be as large as requests get.
    { service, consumes: requestSubmitted, limits: { ...limits, batchMax: 25 }, onDead: giveUpRequest(deps) },
    onRequestSubmitted(deps),
  );
  await start({ service, consumes: pkgScanned, limits }, onEvidence(deps));
  await start({ service, consumes: pkgFailed, limits }, onFailed(deps));
  await start({ service, consumes: pkgAttemptFailed, limits }, onAttemptFailed(deps));
}
