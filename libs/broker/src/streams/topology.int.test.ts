import { createLogger } from '@sluice/runtime';
import { testNats } from '@sluice/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBucket } from '../buckets/bucket.ts';
import { connectBus, type Bus } from '../connection/connection.ts';
import { deadLettersStream, eventsStream } from './stream-configs.ts';
import { ensureTopology } from './topology.ts';

/** As much as a broker may store on a disk with little room. */
const storeBytes = 64 * 1024 ** 2;
const nats = await testNats({ maxFileStoreBytes: storeBytes });
let bus: Bus;

beforeAll(async () => {
  bus = await connectBus({
    url: nats.url,
    service: 'test',
    instance: 't',
    log: createLogger('test', 'silent'),
  });
});
afterAll(() => bus.close());

it('fits the streams into a small store, and again at the next start', async () => {
  for (let start = 1; start <= 2; start += 1) {
    await ensureTopology(bus);
    const sizes = await Promise.all(
      [eventsStream, deadLettersStream].map(
        async (name) => (await bus.jsm.streams.info(name)).config.max_bytes,
      ),
    );
    expect(sizes[0]).toBeGreaterThan(storeBytes / 5);
    expect(sizes[1]).toBeGreaterThan(storeBytes / 16);
    expect(sizes[0]! + sizes[1]!).toBeLessThan((storeBytes * 3) / 4);
    await openBucket(bus, 'ATTEMPTS');
  }
});
