import { setTimeout as delay } from 'node:timers/promises';
import type { BenchContext, Result } from './bench.ts';
import { cpuMsBetween, residentMemoryOf, sumOf, usageByName } from './process-usage.ts';
import { withScratch } from './scratch.ts';
import { startInstalled } from './start-installed.ts';
import { startSluice } from './start-sluice.ts';

/** The work after a start is done by then. */
const settleMs = 2_000;

/** Usage of an idle installation: a process per service, and all in one. */
export async function scaleIdle(context: BenchContext): Promise<Result[]> {
  return [...(await split(context)), ...(await together(context))];
}

async function split({ quick, natsServer }: BenchContext): Promise<Result[]> {
  const sluice = await startSluice({ natsServer });
  try {
    await delay(settleMs);
    const processes = await sluice.processes();
    const seconds = quick ? 3 : 20;
    const before = await usageByName(processes);
    await delay(seconds * 1_000);
    const after = await usageByName(processes);
    const cpuMs = cpuMsBetween(before, after);
    const rows = [...after].map(([name, { memoryBytes }]) => ({
      name,
      percent: cpuMs.get(name)! / (10 * seconds),
      megabytes: memoryBytes / 1e6,
    }));
    const sum = (field: 'percent' | 'megabytes') => sumOf(rows.map((row) => row[field]));
    const list = (field: 'percent' | 'megabytes', digits: number) =>
      rows.map((row) => `${row.name} ${row[field].toFixed(digits)}`).join(', ');
    return [
      {
        what: 'idle, a process each: one core',
        samples: [sum('percent')],
        unit: ' %',
        note: list('percent', 1),
      },
      {
        what: 'idle, a process each: memory',
        samples: [sum('megabytes')],
        unit: ' MB',
        note: list('megabytes', 0),
      },
    ];
  } finally {
    await sluice.stop();
  }
}

/** `npm start`, twice in the same folder: the second start finds its servers set up. */
function together({ quick, natsServer, say }: BenchContext): Promise<Result[]> {
  return withScratch(async (scratch) => {
    const starts: number[] = [];
    const memory: number[] = [];
    for (let start = 0; start < (quick ? 2 : 4); start += 1) {
      const { info, readyMs, stop } = await startInstalled(scratch, natsServer);
      say(`  start ${start + 1}: ready after ${(readyMs / 1_000).toFixed(1)} s`);
      if (start > 0) {
        starts.push(readyMs / 1_000);
        await delay(settleMs);
        memory.push((await residentMemoryOf(info.pid)) / 1e6);
      }
      await stop();
    }
    return [
      {
        what: 'idle, all services in one process: memory',
        samples: memory,
        unit: ' MB',
        budget: { max: 220, what: 'at most 220 MB' },
      },
      {
        what: 'npm start to ready, second time',
        samples: starts,
        unit: ' s',
        budget: { max: 5, what: 'at most 5 s' },
      },
    ];
  });
}
