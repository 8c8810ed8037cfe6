import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { median, type BenchContext, type Result } from './bench.ts';
import { throughput } from './contestant.ts';
import { usageByName, type Usage } from './process-usage.ts';
import { startSluice } from './start-sluice.ts';

/** What the gateway takes in one request. */
const perRequestMax = 20_000;
/** Everything that a package leaves behind: events, rows, and Postgres' log. */
const bytesPerPackage = 60_000;

/** What a package costs when this many are queued at once, on a stack of its own for each depth. */
export async function scaleDepth({ quick, turns: wanted, natsServer, say }: BenchContext): Promise<Result[]> {
  const results: Result[] = [];
  for (const depth of quick ? [1_000, 5_000] : [1_000, 10_000, 100_000, 1_000_000]) {
    const { bavail, bsize } = await statfs(tmpdir());
    if (bavail * bsize < depth * bytesPerPackage) {
      say(
        `  ${depth} packages need ${(depth * bytesPerPackage) / 1e9} GB of disk, which are not free: left out`,
      );
      continue;
    }
    // A million packages once is enough: it takes about an hour.
    const turns = depth > 100_000 ? 1 : wanted;
    const costs: Cost[] = [];
    for (let turn = 0; turn < turns; turn += 1) costs.push(await drain(depth, natsServer));
    const [{ parts, megabytes }] = costs as [Cost];
    const what = `${depth.toLocaleString('en')} queued`;
    say(`  ${what}: ${Math.round(median(costs.map(({ micros }) => micros)))} µs a package; ${parts}`);
    results.push(
      {
        what: `${what}: processor time a package`,
        samples: costs.map(({ micros }) => micros),
        unit: ' µs',
        note: parts,
      },
      {
        what: `${what}: packages per second`,
        samples: costs.map(({ rate }) => rate),
        unit: '/s',
        note: megabytes,
      },
    );
  }
  return results;
}

interface Cost {
  rate: number;
  /** Processor time of all services and servers, in microseconds a package. */
  micros: number;
  /** The same by process, and the memory of each at the end. */
  parts: string;
  megabytes: string;
}

async function drain(depth: number, natsServer: string | undefined): Promise<Cost> {
  const sluice = await startSluice({ natsServer, env: { BENCH_CONCURRENCY: '64' } });
  try {
    await throughput(sluice, 250, 50);
    const processes = await sluice.processes();
    const before = await usageByName(processes);
    const rate = await throughput(sluice, depth, perRequestMax);
    const after = await usageByName(processes);
    const micros = new Map(
      [...after].map(([name, { cpuMs }]) => [
        name,
        (1_000 * (cpuMs - (before.get(name)?.cpuMs ?? 0))) / depth,
      ]),
    );
    return {
      rate,
      micros: [...micros.values()].reduce((sum, each) => sum + each, 0),
      parts: [...micros].map(([name, each]) => `${name} ${Math.round(each)}`).join(', '),
      megabytes: memoryOf(after),
    };
  } finally {
    await sluice.stop();
  }
}

const memoryOf = (usage: Map<string, Usage>) =>
  [...usage].map(([name, { memoryBytes }]) => `${name} ${Math.round(memoryBytes / 1e6)} MB`).join(', ');
