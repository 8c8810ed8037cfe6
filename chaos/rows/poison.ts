import { randomUUID } from 'node:crypto';
import { deadLettersStream } from '@sluice/broker';
import { waitFor } from '@sluice/testkit/fakes';
import { quiesce } from '../quiesce.ts';
import { secondsOf, type Row } from '../row.ts';
import type { World } from '../world.ts';

const perKind = 20;

/** Row 19: undecodable messages, and messages of a version yet unknown. */
export const poison: Row = {
  number: 19,
  name: 'poison events',
  async inject(world) {
    world.expectations.foreignEvents = true;
    const each = Math.ceil(world.packages / 2);
    const cleanMs = await drainOf(world, each);
    const poisonedMs = await drainOf(world, each, () => publishPoison(world));
    const letters = await waitFor(async () => {
      const found = await lettersBySubject(world);
      return found.dead === 2 * perKind && found.parked === perKind ? found : null;
    }).catch(() => lettersBySubject(world));
    const percent = Math.round((cleanMs / poisonedMs - 1) * 100);
    return {
      what: `${3 * perKind} messages; ${letters.dead} dead letters, ${letters.parked} parked; ${each} packages took ${secondsOf(poisonedMs)} s, without ${secondsOf(cleanMs)} s (throughput ${percent > 0 ? '+' : ''}${percent} %)`,
      problems: [
        ...(letters.dead === 2 * perKind ? [] : [`${letters.dead} of ${2 * perKind} became dead letters`]),
        ...(letters.parked === perKind ? [] : [`${letters.parked} of ${perKind} were parked`]),
      ],
      missedBars: percent < -10 ? [`throughput fell by ${-percent} %`] : [],
    };
  },
};

async function drainOf(
  world: World,
  packages: number,
  beside: () => Promise<void> = async () => {},
): Promise<number> {
  const started = Date.now();
  await Promise.all([world.load.submit(packages), beside()]);
  const { drainedAt } = await quiesce(world, 240_000);
  return drainedAt - started;
}

async function publishPoison({ bus }: World): Promise<void> {
  const envelope = (dataversion: number) =>
    JSON.stringify({
      specversion: '1.0',
      id: randomUUID(),
      source: 'sluice/chaos',
      type: 'pkg.requested',
      subject: 'pkg:npm/poison@1.0.0',
      time: new Date().toISOString(),
      dataversion,
      data: {},
    });
  for (let index = 0; index < perKind; index += 1) {
    await bus.js.publish('pkg.requested.interactive', `{"not": "an event ${index}"`);
    await bus.js.publish('pkg.requested.interactive', Buffer.from([0xff, 0x00, index]));
    await bus.js.publish('pkg.requested.interactive', envelope(99));
  }
}

async function lettersBySubject({ bus }: World): Promise<{ dead: number; parked: number }> {
  const { state } = await bus.jsm.streams.info(deadLettersStream, { subjects_filter: '>' });
  return { dead: state.subjects?.['dlq.license'] ?? 0, parked: state.subjects?.['parked.license'] ?? 0 };
}
