import { setTimeout as delay } from 'node:timers/promises';
import { secondsOf, underLoad, type Row } from '../row.ts';
import type { World } from '../world.ts';

/** Row 5: the broker dies and stays away for ten seconds. */
export const brokerKilled: Row = {
  number: 5,
  name: 'broker killed, down 10 s',
  async inject(world) {
    const { submitted } = await underLoad(world, world.packages);
    const killedAt = Date.now();
    await world.broker.kill();
    const rateBefore = await rateUntil(world, killedAt);
    await delay(10_000);
    await world.broker.start();
    const backAt = Date.now();
    await submitted;
    const recoveredMs = await fullRateAfter(world, backAt, rateBefore);
    return {
      what: `killed at ${Math.round(rateBefore)} packages/s`,
      recovery: { measuredMs: recoveredMs, barMs: 15_000, what: 'until the rate is 80 % of what it was' },
    };
  },
};

/** Assessments that ended per second, from the first of the last ten seconds on. */
async function rateUntil({ sql }: World, until: number): Promise<number> {
  const [row] = await sql<{ count: number; seconds: number }[]>`
    select count(*)::int as count,
      extract(epoch from ${new Date(until)}::timestamptz - min(ended_at))::float8 as seconds
    from aggregator.assessments
    where ended_at between ${new Date(until - 10_000)} and ${new Date(until)}`;
  return row && row.seconds > 0 ? row.count / row.seconds : 0;
}

const windowMs = 2_000;
const patienceMs = 90_000;

/** How long until, over two seconds, four fifths of a rate are reached again, or nothing is left to do. */
async function fullRateAfter(world: World, since: number, rate: number): Promise<number> {
  while (Date.now() < since + patienceMs) {
    const now = Date.now();
    const [row] = await world.sql<{ count: number; running: number }[]>`
      select (count(*) filter (where ended_at > ${new Date(now - windowMs)}))::int as count,
        (count(*) filter (where state = 'running'))::int as running
      from aggregator.assessments`;
    const reached = row!.count / (windowMs / 1000) >= rate * 0.8;
    if (now - since > 250 && (reached || row!.running === 0)) return now - since;
    await delay(200);
  }
  return patienceMs;
}

/** Row 6: the broker is away for a long time; the gateway takes work in until its outbox is full. */
export const brokerAway: Row = {
  number: 6,
  name: 'broker down',
  world: { env: { OUTBOX_MAX: '20' } },
  async inject(world) {
    const downMs = world.full ? 300_000 : 60_000;
    await underLoad(world, Math.ceil(world.packages / 2));
    const processes = await world.processes();
    await world.broker.stop();
    const stoppedAt = Date.now();
    const { accepted, refused, retryAfter } = await fillOutbox(world, stoppedAt + downMs);
    await delay(Math.max(0, stoppedAt + downMs - Date.now()));
    const after = await world.processes();
    await world.broker.start();
    const backAt = Date.now();
    const again = world.load.submit(Math.ceil(world.packages / 4));
    const resumedMs = await fullRateAfter(world, backAt, 0.5);
    await again;
    const exited = processes.filter(({ pid }) => !after.some((process) => process.pid === pid));
    const factor = world.full ? '' : ` (shortened from 300 s by ${300_000 / downMs})`;
    return {
      what: `down ${secondsOf(downMs)} s${factor}; ${accepted} requests accepted meanwhile, then ${refused} refused`,
      recovery: { measuredMs: resumedMs, barMs: 15_000, what: 'until work ends again' },
      problems: [
        ...exited.map(({ name }) => `${name} exited`),
        ...(accepted === 0 ? ['nothing was accepted into the outbox'] : []),
        ...(refused === 0 ? ['the cap was never reached'] : []),
        ...(refused > 0 && retryAfter === null ? ['503 without Retry-After'] : []),
      ],
    };
  },
};

/** Submits one package after the other until the gateway says that it is full, and a few more. */
async function fillOutbox(world: World, until: number) {
  const result = { accepted: 0, refused: 0, retryAfter: null as string | null };
  for (let index = 0; Date.now() < until && result.refused < 5; index += 1) {
    const names = world.load.publish(1);
    const answer = await world.load.post(world.load.lockfileOf(names), `full-${world.seed}-${index}`);
    if (answer.requestId !== null) {
      result.accepted += 1;
      const purls = names.map((name) => `pkg:npm/${name}@1.0.0`);
      const { requestId } = answer;
      world.load.acknowledged.push({ requestId, key: `full-${index}`, purls, acknowledgedAt: Date.now() });
    } else if (answer.status === 503) {
      result.refused += 1;
      result.retryAfter = answer.retryAfter;
    }
  }
  return result;
}

/** Row 7: the broker comes back without its data. */
export const brokerDataLost: Row = {
  number: 7,
  name: 'broker data lost',
  async inject(world) {
    world.expectations.streamLost = true;
    const { submitted } = await underLoad(world, world.packages, 0.3);
    await world.broker.kill();
    await world.broker.loseData();
    const running = await world.sql<{ id: string; attempt: number }[]>`
      select id, attempt from aggregator.assessments where state = 'running'`;
    await world.broker.start();
    const backAt = Date.now();
    const inFlightMs = await inFlightAgain(world, running, backAt);
    await submitted;
    return {
      what: `killed and emptied with ${running.length} assessments in flight`,
      recovery: {
        measuredMs: inFlightMs,
        barMs: 60_000,
        what: 'until each is in flight again under a new attempt, or ended',
      },
      problems: running.length === 0 ? ['nothing was in flight'] : [],
    };
  },
};

async function inFlightAgain(
  { sql }: World,
  lost: { id: string; attempt: number }[],
  since: number,
): Promise<number> {
  while (Date.now() < since + patienceMs) {
    const [row] = await sql<{ waiting: number }[]>`
      select count(*)::int as waiting
      from unnest(${lost.map(({ id }) => id)}::uuid[], ${lost.map(({ attempt }) => attempt)}::int[]) as e (id, attempt)
      join aggregator.assessments a on a.id = e.id
      where a.state = 'running' and a.attempt = e.attempt`;
    const [outbox] = await sql<{ waiting: number }[]>`
      select count(*)::int as waiting from aggregator.outbox_waiting`;
    if (row!.waiting === 0 && outbox!.waiting === 0) return Date.now() - since;
    await delay(200);
  }
  return patienceMs;
}
