import { rename } from 'node:fs/promises';
import path from 'node:path';
import { fileArtifactStore, type ArtifactStore } from '@sluice/artifacts';
import { errorCodeOf } from '@sluice/contracts';
import { eventsStream } from '@sluice/broker';
import { createPostgres } from '@sluice/postgres';
import { archiveEvents, hashTables, readSchema, rebuild } from '@sluice/projector';
import { createLogger } from '@sluice/runtime';
import { quiesce } from '../quiesce.ts';
import { readStream } from '../event-stream.ts';
import { secondsOf, type Row } from '../row.ts';
import type { World } from '../world.ts';

const log = createLogger('chaos', 'silent');

/** Row 37: rebuild and verify at once, lists that are gone, and a stream that has forgotten everything. */
export const rebuildInTrouble: Row = {
  number: 37,
  name: 'rebuild with a rival, without lists, without the events',
  async inject(world) {
    await world.load.submit(world.packages);
    await quiesce(world, 240_000);
    const problems: string[] = [];
    const { bus, database, stack } = world;
    const artifacts = fileArtifactStore(stack.info.artifactsFolder);
    const run = (swap: boolean, store: ArtifactStore = artifacts) =>
      rebuild(bus, { databaseUrl: database.url, swap, artifacts: store, log });
    const read = createPostgres({ url: database.url, service: 'chaos', schema: readSchema, pool: 1 });
    try {
      const before = await hashTables(read, readSchema);
      const expectSame = async (when: string) => {
        const now = await hashTables(read, readSchema);
        if (JSON.stringify(now) !== JSON.stringify(before)) problems.push(`read models changed ${when}`);
      };

      const rivals = await Promise.allSettled([run(true), run(false)]);
      const codes = rivals.flatMap((one) => (one.status === 'rejected' ? [errorCodeOf(one.reason)] : []));
      if (codes.join() !== 'projection.busy') problems.push(`two at once ended with [${codes.join()}]`);
      await expectSame('when two rebuilt at once');

      const hidden = await hideLists(world);
      const poorer = await run(true).then(() => 'swapped', errorCodeOf);
      if (poorer !== 'projection.incomplete') problems.push(`without lists it ended with ${poorer}`);
      await expectSame('when lists were gone');
      await hidden.bringBack();

      const archived = await archiveEvents(bus, { sql: read, artifacts, log });
      world.expectations.streamLost = true;
      await bus.jsm.streams.purge(eventsStream);
      const { durationMs } = await run(true);
      await expectSame('when the stream had forgotten its events');
      return {
        what: `${hidden.count} lists gone; ${archived} events archived and purged, rebuilt in ${secondsOf(durationMs)} s`,
        problems,
      };
    } finally {
      await read.end({ timeout: 5 });
    }
  },
};

/** Takes every second list away. */
async function hideLists({ bus, stack }: World): Promise<{ count: number; bringBack: () => Promise<void> }> {
  const submitted = (await readStream(bus, eventsStream)).filter(({ type }) => type === 'request.submitted');
  const digests = new Set(submitted.map(({ data }) => String(data['listDigest'])));
  const paths = [...digests]
    .filter((_, index) => index % 2 === 0)
    .map((digest) => digest.replace('sha256:', ''))
    .map((hex) => path.join(stack.info.artifactsFolder, 'sha256', hex.slice(0, 2), hex.slice(2, 4), hex));
  for (const file of paths) await rename(file, `${file}.away`);
  return {
    count: paths.length,
    bringBack: async () => {
      for (const file of paths) await rename(`${file}.away`, file);
    },
  };
}
