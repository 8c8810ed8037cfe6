import { waitFor } from '@sluice/testkit/fakes';
import { eventsStream } from '@sluice/broker';
import { readStream, type StoredEvent } from '../event-stream.ts';
import { quiesce } from '../quiesce.ts';
import { underLoad, type Row } from '../row.ts';
import type { World } from '../world.ts';

const repeatedTypes = [
  'request.submitted',
  'pkg.requested',
  'pkg.licensed',
  'pkg.downloaded',
  'pkg.scanned',
  'pkg.assessed',
];
const perType = 3;

/** Row 20: the same events ten times each, with and without the id that the broker knows, and across its restart. */
export const repeatedEvents: Row = {
  number: 20,
  name: 'the same event ten times',
  async inject(world) {
    const { submitted } = await underLoad(world, world.packages, 0.3);
    const stored = await readStream(world.bus, eventsStream);
    const events = repeatedTypes.flatMap((type) =>
      stored.filter((event) => event.type === type).slice(-perType),
    );
    await repeat(world, events, 3, true);
    // Without its id the broker takes an event for a new one, as it does after the time in which it remembers ids.
    await repeat(world, events, 3, false);
    await submitted;
    await quiesce(world, 120_000);
    await world.broker.kill();
    await world.broker.start();
    await world.signal('aggregator', 'SIGKILL');
    await repeat(world, events, 2, true);
    await repeat(world, events, 2, false);
    return {
      what: `${events.length} events of ${repeatedTypes.length} types, ten times each, with a restart of broker and aggregator between`,
    };
  },
};

async function repeat({ bus }: World, events: StoredEvent[], times: number, withId: boolean): Promise<void> {
  for (const event of events) {
    for (let time = 0; time < times; time += 1) {
      const options = { timeout: 2_000, ...(withId ? { msgID: event.id } : {}) };
      // This client, too, was cut off by the restart.
      await waitFor(() => bus.js.publish(event.subject, event.raw, options), { timeoutMs: 60_000 });
    }
  }
}
