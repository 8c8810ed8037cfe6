import { agreeOnStore, openArtifacts } from '@sluice/artifacts';
import { announceService } from '@sluice/stages';
import { openBus, sharedStoreId, startWithBroker } from '@sluice/broker';
import { openPostgres } from '@sluice/postgres';
import { defineService, type ServiceContext } from '@sluice/runtime';
import { keepArchive } from './archive/archive-events.ts';
import { archiveMigrations } from './archive/segments.ts';
import { projectorConfig, type ProjectorConfig } from './config.ts';
import { followStream } from './follow-stream.ts';
import { holdLock } from './hold-lock.ts';
import { projectingSettings, projectorMigrations, readSchema } from './schema.ts';

export const projectorService = defineService<ProjectorConfig>({
  name: 'projector',
  config: projectorConfig,
  start: startProjector,
});

async function startProjector(context: ServiceContext<ProjectorConfig>): Promise<void> {
  const { log, onStop, signal } = context;
  const artifacts = openArtifacts(context);
  const sql = await openPostgres(context, {
    schema: readSchema,
    settings: projectingSettings,
    migrations: [projectorMigrations, archiveMigrations],
  });
  const bus = await openBus(context, async (opened) =>
    agreeOnStore(artifacts, await sharedStoreId(opened), signal),
  );
  await startWithBroker(context, (part) => announceService(bus, part));

  const following = holdLock(sql, 'sluice projector', signal, log, (held) =>
    Promise.all([
      followStream(bus, { sql, artifacts, log }, held),
      keepArchive(bus, { sql, artifacts, log }, held),
    ]).then(() => undefined),
  );
  onStop('projection', () => following);
}
