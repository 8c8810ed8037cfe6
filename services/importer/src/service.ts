import { agreeOnStore, openArtifacts } from '@sluice/artifacts';
import { openBus, sharedStoreId, startWithBroker } from '@sluice/broker';
import { batchSubmitted } from '@sluice/contracts';
import { deliveryMigrations, startConsumer, startOutboxRelay } from '@sluice/delivery';
import { intakes as knownIntakes } from '@sluice/ecosystems/intake';
import { registryDocuments } from '@sluice/ecosystems/settings';
import type { Intake } from '@sluice/intake';
import { byKeySettings, openPostgres } from '@sluice/postgres';
import { lockfileAddresses } from '@sluice/registries';
import { defineService, repeat, type ServiceContext } from '@sluice/runtime';
import { announceService } from '@sluice/stages';
import { giveUpBatch, onBatchSubmitted } from './batches/on-batch-submitted.ts';
import { importerConfig, type ImporterConfig } from './config.ts';
import type { ImporterDeps } from './deps.ts';
import { recoverLost } from './recover-lost.ts';

const service = 'importer';
/** Few: a batch of files is work of seconds, and the last one waits for all that were handed out together. */
const limits = { batchMax: 4, attemptsMax: 5, ackWaitMs: 30_000 };
/** How often lost messages are looked for: one is noticed within 45 s. */
const recoverMs = 15_000;

export const importerMigrations = [
  deliveryMigrations(service),
  { schema: service, folder: new URL('../migrations/', import.meta.url) },
];

/** @param intakes lockfiles that are read, by ecosystem. */
export function importerServiceOf(intakes: readonly Intake[]) {
  return defineService<ImporterConfig>({
    name: service,
    config: importerConfig,
    start: (context) => startImporter(context, intakes),
  });
}

export const importerService = importerServiceOf(knownIntakes);

async function startImporter(
  context: ServiceContext<ImporterConfig>,
  intakes: readonly Intake[],
): Promise<void> {
  const { config, log, signal } = context;
  const artifacts = openArtifacts(context);
  const sql = await openPostgres(context, {
    schema: service,
    settings: byKeySettings,
    migrations: importerMigrations,
  });
  const bus = await openBus(context, async (opened) =>
    agreeOnStore(artifacts, await sharedStoreId(opened), signal),
  );
  await startWithBroker(context, (part) => announceService(bus, part));
  const relay = startOutboxRelay(bus, sql, service, context);
  const deps: ImporterDeps = {
    sql,
    artifacts,
    intakes,
    registriesOf: lockfileAddresses(registryDocuments(config)),
    log,
    published: relay.notify,
    now: () => new Date(),
  };
  await startWithBroker(context, (part) =>
    startConsumer(
      bus,
      { service, consumes: batchSubmitted, limits, onDead: giveUpBatch(deps) },
      onBatchSubmitted(deps),
      part,
    ),
  );
  repeat(context, {
    name: 'looking for what got lost',
    everyMs: recoverMs,
    firstMs: recoverMs,
    run: () => recoverLost(bus, deps),
  });
}
