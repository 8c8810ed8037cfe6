import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '@sluice/testkit/fakes';
import type { World, WorldOptions } from './world.ts';

/** One fault of the table, or one case of it, as something that can be injected into a world. */
export interface Row {
  /** Number in the table of faults. */
  number: number;
  /** Tells cases of one number apart. */
  name: string;
  /** Options of this row's world beside the defaults. */
  world?: Pick<WorldOptions, 'env' | 'reroute' | 'makeBroker' | 'mount' | 'prepare'>;
  /** A requirement that this machine does not meet, and the remedy, in a sentence; null when it meets all. */
  missing?: () => Promise<string | null>;
  /** Submits work and injects the fault; returns once the fault is over. */
  inject(world: World): Promise<Injected>;
}

export interface Injected {
  /** The injected fault, with its numbers. */
  what: string;
  /** How long it took to recover, and the bar. `since` measures from then until the last item ended. */
  recovery?: { barMs: number; what: string } & ({ measuredMs: number } | { since: number });
  /** Faults of Sluice, independent of the machine's speed. */
  problems?: string[];
  /** Bars of time that were missed, beside that of the recovery. */
  missedBars?: string[];
}

/** Rows that are not injected here, with the reason. */
export interface Skipped {
  number: number;
  name: string;
  reason: string;
}

/** Items that have an outcome. A connection that died with Postgres refuses a statement: it is asked again on another. */
export async function endedItems({ sql }: World): Promise<number> {
  const [row] = await waitFor(
    () => sql<{ count: number }[]>`
      select count(*)::int as count from aggregator.items where outcome is not null`,
    { what: 'Postgres to answer', timeoutMs: 60_000 },
  );
  return row!.count;
}

/** Waits until this many more items have ended than before; resolves to false when that takes too long. */
export async function progressed(
  world: World,
  from: number,
  more: number,
  timeoutMs = 60_000,
): Promise<boolean> {
  return waitFor(async () => (await endedItems(world)) >= from + more, { timeoutMs }).then(
    () => true,
    () => false,
  );
}

/**
 * Submits packages without waiting for the answers, and waits until some of them have ended: the moment to break
 * something.
 * @returns resolves when all were acknowledged.
 */
export async function underLoad(
  world: World,
  packages: number,
  share = 0.1,
): Promise<{ submitted: Promise<void> }> {
  const before = await endedItems(world);
  const submitted = world.load.submit(packages);
  if (share > 0) await progressed(world, before, Math.ceil(packages * share));
  else await delay(50);
  return { submitted };
}

/**
 * Waits for something that happens while work comes in, and keeps a little coming: a consumer that takes everything
 * at once has no second batch to die in.
 * @returns false when it did not happen within a minute.
 */
export async function workUntil(world: World, happened: () => Promise<boolean>): Promise<boolean> {
  const deadline = Date.now() + 60_000;
  while (!(await happened())) {
    if (Date.now() > deadline) return false;
    await delay(500);
    // A gateway that is down answers nothing; asking again is the load's business.
    if (!(await happened())) await world.load.submit(2);
  }
  return true;
}

/** Submits a little more and waits until an item has ended: work is done again. @returns how long that took. */
export async function untilItemsEnd(world: World): Promise<number> {
  const started = Date.now();
  const before = await endedItems(world);
  const submitted = world.load.submit(2);
  await progressed(world, before, 1);
  await submitted;
  return Date.now() - started;
}

export const secondsOf = (ms: number) => Math.round(ms / 100) / 10;
