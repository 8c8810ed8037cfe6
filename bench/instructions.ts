import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { childrenOf } from './process-usage.ts';

/** `perf` needs a moment to attach to every thread. */
const attachMs = 1_000;

/**
 * Counts the instructions that processes and their children carry out while something is done: the same on a busy
 * machine and on an idle one, which processor time is not.
 * @returns by name of the process; null where `perf` is missing, or the processor's counters cannot be read.
 */
export async function instructionsOf(
  processes: { name: string; pid: number }[],
  work: () => Promise<unknown>,
): Promise<Map<string, number> | null> {
  const counters = await Promise.all(
    processes.map(async ({ name, pid }) => ({ name, counter: count([pid, ...(await childrenOf(pid))]) })),
  );
  await delay(attachMs);
  await work();
  const counts = await Promise.all(
    counters.map(async ({ name, counter }) => [name, await counter.stop()] as const),
  );
  return counts.some(([, counted]) => counted === null) ? null : new Map(counts as [string, number][]);
}

function count(pids: number[]): { stop(): Promise<number | null> } {
  const args = ['stat', '-x', ',', '-e', 'instructions', '-p', pids.join(',')];
  const perf = spawn('perf', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  perf.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = new Promise<void>((resolve) =>
    perf.once('close', () => resolve()).once('error', () => resolve()),
  );
  return {
    stop: async () => {
      perf.kill('SIGINT');
      await ended;
      // The count, or why there is none: `<not supported>`.
      const counted = Number.parseInt(output, 10);
      return Number.isNaN(counted) ? null : counted;
    },
  };
}
