import { readFile, readdir } from 'node:fs/promises';
import { isTrueWithin } from './wait-for.ts';

/** Environment variable that marks every process of a test run. */
export const testRunVariable = 'SLUICE_TEST_RUN';

// A process that was told to stop, or whose pipe was closed, may need a moment.
const SETTLE_MS = 3_000;

/**
 * Processes that tests started and did not stop, one line each, after they were killed. They are known by the
 * variable in their environment, which only Linux lets others read; elsewhere nothing is found.
 */
export async function findLeftoverProcesses(run: string, settleMs = SETTLE_MS): Promise<string[]> {
  let leftovers: Leftover[] = [];
  const settled = await isTrueWithin(settleMs, async () => {
    leftovers = await processesOf(run);
    return leftovers.length === 0;
  });
  if (settled) return [];
  for (const { pid } of leftovers) process.kill(pid, 'SIGKILL');
  return leftovers.map(({ pid, command }) => `process ${pid} was still running: ${command}`);
}

interface Leftover {
  pid: number;
  command: string;
}

async function processesOf(run: string): Promise<Leftover[]> {
  const pids = (await readdir('/proc').catch(() => [])).map(Number).filter((pid) => pid > 0);
  const found = await Promise.all(pids.map((pid) => inspect(pid, `${testRunVariable}=${run}`)));
  return found.filter((leftover) => leftover !== null);
}

/** Our own workers have this process as their parent; vitest ends them itself. */
async function inspect(pid: number, mark: string): Promise<Leftover | null> {
  if (pid === process.pid) return null;
  try {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
    if (!environment.split('\0').includes(mark)) return null;
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || Number(parent) === process.pid) return null;
    const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
    return { pid, command };
  } catch {
    return null; // Gone meanwhile, or somebody else's.
  }
}
