import {
  advisoriesImported,
  pkgAttemptFailed,
  pkgDownloaded,
  pkgFailed,
  pkgLicensed,
  pkgScanned,
  requestSubmitted,
} from '@sluice/contracts';
import { startConsumer, type BatchHandler, type ConsumerDefinition } from '@sluice/delivery';
import type { Bus } from '@sluice/broker';
import type { ServiceContext } from '@sluice/runtime';
import type { AggregatorDeps } from './deps.ts';
import { giveUpRequest } from './requests/give-up-request.ts';
import { onAdvisoriesImported } from './packages/on-advisories-imported.ts';
import { onAttemptFailed } from './assessments/on-attempt-failed.ts';
import { onEvidence } from './assessments/on-evidence.ts';
import { onFailed } from './assessments/on-failed.ts';
import { onRequestSubmitted } from './requests/on-request-submitted.ts';

const service = 'aggregator';
/** A batch is one transaction: large enough to share its cost, small enough to be done in tens of milliseconds. */
const limits = { batchMax: 200, attemptsMax: 10, ackWaitMs: 30_000 };

type Context = Pick<ServiceContext<unknown>, 'log' | 'signal' | 'onStop'>;

/** Starts the aggregator's consumers. */
export async function startConsumers(bus: Bus, deps: AggregatorDeps, context: Context): Promise<void> {
  const start = <Data>(definition: ConsumerDefinition<Data>, handle: BatchHandler<Data>) =>
    startConsumer(bus, definition, handle, context);
  await start({ service, consumes: advisoriesImported, laneless: true, limits }, onAdvisoriesImported(deps));
  await start(
    // Fewer: an interactive request waits for the batch before it, in which each may be as large as requests get.
    { service, consumes: requestSubmitted, limits: { ...limits, batchMax: 25 }, onDead: giveUpRequest(deps) },
    onRequestSubmitted(deps),
  );
  await start(
    {
      service,
      name: 'evidence',
      consumes: [pkgLicensed, pkgDownloaded, pkgScanned],
      // Only the last stage's fact ends anything.
      canWait: ({ type }) => type !== pkgScanned.type,
      limits,
    },
    onEvidence(deps),
  );
  await start({ service, consumes: pkgFailed, limits }, onFailed(deps));
  await start({ service, consumes: pkgAttemptFailed, limits }, onAttemptFailed(deps));
}
