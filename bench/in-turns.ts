import type { Contestant } from './contestant.ts';

/**
 * Measures contestants one after the other, and again: other work on the machine meets all of them alike.
 * Each is started afresh for each of its turns.
 * @returns every turn's measurement by contestant.
 */
export async function inTurns<Measured, One extends Contestant>(
  turns: number,
  starts: Record<string, () => Promise<One>>,
  measure: (contestant: One) => Promise<Measured>,
): Promise<Record<string, Measured[]>> {
  const measured: Record<string, Measured[]> = {};
  for (let turn = 0; turn < turns; turn += 1) {
    for (const [name, start] of Object.entries(starts)) {
      const contestant = await start();
      try {
        (measured[name] ??= []).push(await measure(contestant));
      } finally {
        await contestant.stop();
      }
    }
  }
  return measured;
}
