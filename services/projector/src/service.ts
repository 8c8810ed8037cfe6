import { agreeOnStore, fileArtifactStore } from '@sluice/artifacts';
import {
  addBusHealth,
  announceService,
  busOptionsOf,
  connectBus,
  waitForJetStream,
  sharedStoreId,
} from '@sluice/messaging';
import { createPostgres, migrate } from '@sluice/postgres';
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
  const { config, log, health, onStop, signal } = context;
  const artifacts = fileArtifactStore(config.ARTIFACTS_DIR, { mayMake: false });
  const sql = createPostgres({
    url: config.DATABASE_URL,
    service: 'projector',
    schema: readSchema,
    pool: config.DATABASE_POOL,
    settings: projectingSettings,
  });
  onStop('postgres', () => sql.end({ timeout: 5 }));
  await migrate(sql, projectorMigrations);
  await migrate(sql, archiveMigrations);
  health.add('postgres', async () => ({ ok: (await sql`select 1`).length === 1 }));

  const bus = await connectBus({
    ...busOptionsOf(config),
    service: 'projector',
    instance: context.instance,
    log,
  });
  onStop('nats', () => bus.close());
  addBusHealth(health, bus);
  await waitForJetStream(bus, context);
  await agreeOnStore(artifacts, await sharedStoreId(bus), signal);
  const worker = await announceService(bus, 'projector');
  onStop('worker', () => worker.stop());

  const following = holdLock(sql, 'sluice projector', signal, log, (held) =>
    Promise.all([
      followStream(bus, { sql, artifacts, log }, held),
      keepArchive(bus, { sql, artifacts, log }, held),
    ]).then(() => undefined),
  );
  onStop('projection', () => following);
}
