import { check, type CheckResult } from './checker.ts';
import { quiesce } from './quiesce.ts';
import { secondsOf, type Injected, type Row } from './row.ts';
import { watchInvariants } from './watch-invariants.ts';
import { startWorld, type World, type WorldOptions } from './world.ts';

export interface RowResult {
  number: number;
  name: string;
  injected: string;
  check: CheckResult | null;
  recovery: { measuredMs: number; barMs: number; what: string } | null;
  /** Faults of Sluice, independent of the machine's speed. */
  problems: string[];
  /** Bars of time that were missed; they are for a machine that does nothing else. */
  missedBars: string[];
  tookMs: number;
}

/** Longer than any redelivery, redrive or backoff that a row may have to wait for. */
const quiesceMs = 240_000;

/** Runs a row in a world of its own. */
export async function runRow(row: Row, options: WorldOptions): Promise<RowResult> {
  const started = Date.now();
  let world: World | undefined;
  try {
    world = await startWorld({ ...options, ...row.world });
    return await runRowIn(world, row);
  } catch (error) {
    const problems = [error instanceof Error ? (error.stack ?? error.message) : String(error)];
    return {
      number: row.number,
      name: row.name,
      injected: '',
      check: null,
      recovery: null,
      problems,
      missedBars: [],
      tookMs: Date.now() - started,
    };
  } finally {
    await world?.close();
  }
}

/** Runs a row in a world that may have gone through others; their leftovers are checked with it. */
export async function runRowIn(world: World, row: Row): Promise<RowResult> {
  const started = Date.now();
  const watch = watchInvariants(world.sql);
  let injected: Injected;
  let quiesced: Awaited<ReturnType<typeof quiesce>>;
  try {
    injected = await row.inject(world);
    quiesced = await quiesce(world, quiesceMs);
  } finally {
    await watch.stop();
  }
  const result = await check(world, watch.violations);
  const recovery = recoveryOf(injected, quiesced.drainedAt);
  const problems = [
    ...(injected.problems ?? []),
    ...(quiesced.done ? [] : [`not at rest after ${secondsOf(quiesceMs)} s: ${quiesced.left}`]),
    ...(result.ok === result.acknowledged && result.acknowledged > 0 ? [] : result.examples),
    ...(result.unknown > 0 ? [`${result.unknown} unknown`] : []),
    ...Object.entries(result.invariants).flatMap(([name, { held, detail }]) =>
      held === false ? [`${name}: ${detail}`] : [],
    ),
  ];
  const { number, name } = row;
  const missedBars = [...(injected.missedBars ?? [])];
  if (recovery && recovery.measuredMs > recovery.barMs) {
    missedBars.push(`recovery took ${secondsOf(recovery.measuredMs)} s`);
  }
  return {
    number,
    name,
    injected: injected.what,
    check: result,
    recovery,
    problems,
    missedBars,
    tookMs: Date.now() - started,
  };
}

/** Why a row failed, missed bars included; empty when it passed. */
export function failuresOf({ problems, missedBars }: RowResult): string[] {
  return [...problems, ...missedBars];
}

function recoveryOf({ recovery }: Injected, drainedAt: number): RowResult['recovery'] {
  if (!recovery) return null;
  const { barMs, what } = recovery;
  const measuredMs = 'since' in recovery ? Math.max(0, drainedAt - recovery.since) : recovery.measuredMs;
  return { measuredMs, barMs, what };
}
