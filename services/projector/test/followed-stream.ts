import { connectBus, ensureTopology, eventsStream } from '@sluice/broker';
import { createLogger } from '@sluice/runtime';
import { testNats, testPostgres, waitFor } from '@sluice/testkit';
import { afterAll, afterEach, beforeEach } from 'vitest';
import { readCheckpoint } from '../src/apply.ts';
import { archiveMigrations, archiveSchema } from '../src/archive/segments.ts';
import { followStream } from '../src/follow-stream.ts';
import { projectorMigrations, readSchema } from '../src/schema.ts';
import { testArtifacts } from './projection-kit.ts';

/** A projector that follows a stream: for each test of the file a new stream, empty read models and an empty archive. */
export async function followedStream() {
  const nats = await testNats();
  const postgres = await testPostgres([projectorMigrations, archiveMigrations]);
  const sql = postgres.connect(readSchema);
  const artifacts = await testArtifacts();
  const log = createLogger('test', 'silent');
  const bus = await connectBus({ url: nats.url, service: 'test', instance: 't', log });
  let stop: AbortController;
  let following: Promise<void>;
  beforeEach(async () => {
    await bus.jsm.streams.delete(eventsStream).catch(() => {});
    await ensureTopology(bus);
    await sql`truncate requests, request_items, early_events, packages, package_scopes, package_evidence, timeline, advisory_sets, counts`;
    await sql`update checkpoint set stream_identity = null, epoch = 0, sequence = 0`;
    await sql`truncate ${sql(archiveSchema)}.segments, ${sql(archiveSchema)}.snapshots`;
    stop = new AbortController();
    following = followStream(bus, { sql, artifacts, log }, stop.signal);
  });
  afterEach(async () => {
    stop.abort();
    await following;
  });
  afterAll(() => bus.close());
  /** Resolves when everything in the stream is in the read models. */
  const caughtUp = () =>
    waitFor(async () => {
      const { state } = await bus.jsm.streams.info(eventsStream);
      return (await readCheckpoint(sql)).sequence === state.last_seq;
    });
  return { postgres, sql, artifacts, log, bus, caughtUp };
}
