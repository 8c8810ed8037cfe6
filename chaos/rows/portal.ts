import { setTimeout as delay } from 'node:timers/promises';
import { eventsStream } from '@sluice/broker';
import { readStream } from '../event-stream.ts';
import { purlOf } from '../load.ts';
import { secondsOf, underLoad, type Row } from '../row.ts';

const portalMs = 20_000;

/** Row 30: a portal answers everything with its page, and one package is broken for good. */
export const portal: Row = {
  number: 30,
  name: 'portal in place of the registry',
  async inject(world) {
    const { load, registry, bus } = world;
    const [broken = ''] = load.publish(1);
    world.expectations.outcomes.set(purlOf(broken), ['failed']);
    registry.fail(load.published.get(purlOf(broken))!.metadataPath, { status: 200, body: '<html>' });
    const { submitted } = await underLoad(world, world.packages, 0.1);
    registry.fail('*', { status: 200, body: '<html>Sign in to the network</html>' });
    const working = load.submit(20);
    await delay(portalMs);
    registry.fail('*', null);
    const since = Date.now();
    await Promise.all([submitted, working, load.submitOne([broken])]);
    const events = await readStream(bus, eventsStream);
    const counted = events.filter(
      ({ type, data }) =>
        type === 'pkg.attempt-failed' && data['counted'] === true && data['purl'] !== purlOf(broken),
    );
    const waited = events.filter(
      ({ type, data }) => type === 'pkg.attempt-failed' && data['code'] === 'registry.unusable-answer',
    );
    return {
      what: `a page with status 200 for ${secondsOf(portalMs)} s, told of ${waited.length} times; one package that is a page for ever`,
      recovery: { since, barMs: 60_000, what: 'drained after the portal, the broken package included' },
      problems: [
        ...(waited.length > 0 ? [] : ['nothing noticed the portal']),
        // An answer and the question after it may fall on two sides of the portal's end.
        ...(counted.length > 2 ? [`${counted.length} attempts were spent`] : []),
      ],
    };
  },
};
