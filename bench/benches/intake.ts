import { median, type Bench, type Result } from '../bench.ts';
import { followCompletions } from '../completions.ts';
import { newLockfile, submit } from '../load.ts';
import { inTurns } from '../in-turns.ts';
import { startSluice, type Sluice } from '../start-sluice.ts';

/** The size that the budgets are about. */
const budgetSize = 1_500;
const pollMs = 2;

interface Intake {
  acceptedMs: number[];
  completedMs: number[];
}

/** Time for a lockfile whose package versions are all known, the usual case. */
export const intake: Bench = {
  name: 'intake',
  inQuickLook: true,
  what: `milliseconds from POST of a lockfile to 202, and to completed when every package version in it was assessed before; seen by asking every ${pollMs} ms`,
  async run({ quick, turns, natsServer, say }) {
    const sizes = quick ? [100, 1_500] : [100, 1_500, 15_000];
    const repeats = quick ? 3 : 5;
    const measured = await inTurns(turns, { sluice: () => startSluice({ natsServer }) }, async (sluice) => {
      const bySize = new Map<number, Intake>();
      for (const size of sizes) {
        const taken = await takeIn(sluice, newLockfile(size), repeats);
        say(
          `  ${size} packages: 202 after ${Math.round(median(taken.acceptedMs))} ms, completed after ${Math.round(median(taken.completedMs))} ms`,
        );
        bySize.set(size, taken);
      }
      return bySize;
    });
    const measuredTurns = measured['sluice'] ?? [];
    return sizes.flatMap((size): Result[] => {
      const isBudget = size === budgetSize;
      const packages = `${size.toLocaleString('en')} packages`;
      return [
        {
          what: `${packages} → 202`,
          samples: measuredTurns.flatMap((turn) => turn.get(size)!.acceptedMs),
          unit: ' ms',
          ...(isBudget ? { budget: { max: 150, what: 'at most 150 ms' } } : {}),
        },
        {
          what: `${packages} → completed, all known`,
          samples: measuredTurns.flatMap((turn) => turn.get(size)!.completedMs),
          unit: ' ms',
          ...(isBudget ? { budget: { max: 2_000, what: 'at most 2 s' } } : {}),
        },
      ];
    });
  },
};

/** Submits a lockfile until everything in it is known, and then again and again. */
async function takeIn(sluice: Sluice, lockfile: string, repeats: number): Promise<Intake> {
  const taken: Intake = { acceptedMs: [], completedMs: [] };
  const completions = followCompletions(sluice, pollMs);
  try {
    await completions.of(await submit(sluice, lockfile));
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      const posted = performance.now();
      const id = await submit(sluice, lockfile);
      taken.acceptedMs.push(performance.now() - posted);
      taken.completedMs.push((await completions.of(id)) - posted);
    }
    return taken;
  } finally {
    completions.stop();
  }
}
