import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { eventsStream } from '@sluice/broker';
import { readStream } from '../event-stream.ts';
import { purlOf } from '../load.ts';
import { quiesce } from '../quiesce.ts';
import { secondsOf, underLoad, type Row } from '../row.ts';
import type { World } from '../world.ts';

/** Row 15: some archives come at one byte a second; the others must not suffer. */
export const slowRegistry: Row = {
  number: 15,
  name: 'registry sends 1 byte/s',
  async inject(world) {
    const each = Math.ceil(world.packages / 2);
    await world.load.submit(each);
    await quiesce(world, 240_000);
    const baseline = await p95Of(world, [...world.load.published.keys()]);
    const slow = world.load.publish(5);
    for (const name of slow) {
      const { tarballPath } = world.load.published.get(purlOf(name))!;
      // The first try runs into its deadline of 60 s, the second finds the registry well.
      world.registry.fail(tarballPath, { bytesPerSecond: 1, times: 1 });
    }
    const others = world.load.publish(each);
    await Promise.all([world.load.submitOne(slow), world.load.submit(each, { names: others })]);
    await quiesce(world, 240_000);
    const beside = await p95Of(world, others.map(purlOf));
    const [longest] = await world.sql<{ seconds: number }[]>`
      select max(extract(epoch from ended_at - requested_at))::float8 as seconds
      from aggregator.assessments where purl = any(${slow.map(purlOf)}::text[])`;
    return {
      what: `5 of ${each + 5} archives at 1 byte/s; p95 of the others ${secondsOf(beside)} s, without ${secondsOf(baseline)} s`,
      recovery: {
        measuredMs: longest!.seconds * 1000,
        barMs: 90_000,
        what: 'the slow ones, with a deadline of 60 s',
      },
      missedBars: beside > baseline * 2 ? ['p95 of the others more than doubled'] : [],
    };
  },
};

async function p95Of({ sql }: World, purls: string[]): Promise<number> {
  const [row] = await sql<{ seconds: number }[]>`
    select (percentile_cont(0.95) within group (order by extract(epoch from ended_at - requested_at)))::float8 as seconds
    from aggregator.assessments where purl = any(${purls}::text[])`;
  return row!.seconds * 1000;
}

/** Row 16: the registry refuses all requests for a long time. */
export const registryUnavailable: Row = {
  number: 16,
  name: 'registry answers 429',
  async inject(world) {
    const { submitted } = await underLoad(world, world.packages, 0.1);
    const outageMs = world.full ? 600_000 : 60_000;
    const retryAfterSeconds = 5;
    world.registry.fail('*', { status: 429, retryAfter: String(retryAfterSeconds) });
    // Requests on the wire at its beginning do not count.
    await delay(1_000);
    const before = world.registry.requests();
    await delay(outageMs - 1_000);
    const asked = world.registry.requests() - before;
    world.registry.fail('*', null);
    const overAt = Date.now();
    await submitted;
    await quiesce(world, 240_000);
    const counted = (await readStream(world.bus, eventsStream)).filter(
      ({ type, data }) => type === 'pkg.attempt-failed' && data['counted'] === true,
    ).length;
    const [redriven] = await world.sql<{ count: number }[]>`
      select count(*)::int as count from aggregator.assessments where attempt > 1`;
    // Both stages that ask the registry may try with all their slots, once per Retry-After.
    const allowed = Math.ceil(outageMs / 1000 / retryAfterSeconds + 1) * 2 * 16;
    const factor = world.full ? '' : ` (shortened from 600 s by ${600_000 / outageMs})`;
    return {
      what: `429 with Retry-After ${retryAfterSeconds} s for ${secondsOf(outageMs)} s${factor}; ${asked} requests meanwhile`,
      recovery: { since: overAt, barMs: 120_000, what: 'drained after the outage' },
      problems: [
        ...(counted > 0 ? [`${counted} attempts were spent`] : []),
        ...(redriven!.count > 0 ? [`${redriven!.count} assessments were redriven`] : []),
        ...(asked > allowed ? [`${asked} requests, ${allowed} at most would honour Retry-After`] : []),
      ],
    };
  },
};

/** Row 17: archives that break off, and archives with other bytes than the registry states. */
export const damagedArchives: Row = {
  number: 17,
  name: 'truncated body, wrong hash',
  async inject(world) {
    const { load, registry, stack } = world;
    const truncated = load.publish(4);
    const corrupt = load.publish(4);
    const problems: string[] = [];
    for (const name of [...truncated, ...corrupt]) {
      const { tarballPath, tarball } = load.published.get(purlOf(name))!;
      const half = Math.floor(tarball.length / 2);
      registry.fail(tarballPath, truncated.includes(name) ? { truncateAt: half } : { corrupt: true });
      world.expectations.outcomes.set(purlOf(name), ['reject']);
    }
    await Promise.all([load.submitOne([...truncated, ...corrupt]), load.submit(world.packages)]);
    await quiesce(world, 240_000);
    for (const name of [...truncated, ...corrupt]) {
      const { tarballPath, tarball } = load.published.get(purlOf(name))!;
      const tries = registry.requests(tarballPath);
      if (tries !== 3) problems.push(`${name} was fetched ${tries} times`);
      for (const bytes of [tarball, tarball.subarray(0, Math.floor(tarball.length / 2)), flipped(tarball)]) {
        if (await isStored(stack.info.artifactsFolder, bytes)) problems.push(`bytes of ${name} are stored`);
      }
    }
    return { what: '4 archives that break off, 4 with a wrong byte, among others', problems };
  },
};

/** The same damage that the registry does. */
function flipped(bytes: Uint8Array): Uint8Array {
  const changed = Buffer.from(bytes);
  const middle = Math.floor(changed.length / 2);
  changed[middle] = (changed[middle] ?? 0) ^ 0xff;
  return changed;
}

function isStored(folder: string, bytes: Uint8Array): Promise<boolean> {
  const hex = createHash('sha256').update(bytes).digest('hex');
  return stat(path.join(folder, 'sha256', hex.slice(0, 2), hex.slice(2, 4), hex)).then(
    () => true,
    () => false,
  );
}
