import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '@sluice/testkit/fakes';
import type { BenchContext, Result } from './bench.ts';
import { newLockfile, requestMaxPackages, submit, throughput, usualRequest } from './load.ts';
import { cpuMsBetween, sumOf, usageByName, type Usage } from './process-usage.ts';
import { startSluice, type Sluice } from './start-sluice.ts';

/** Events of a package version from the queue to its verdict. */
const eventsPerPackage = 5;
/** Events that are made while the rest goes on waiting. The first stage gets ahead of the others, so not whole packages. */
const eventsMax = 60_000;
/** Disk used by one queued package version: events, rows, and Postgres' log. */
const bytesPerPackage = 40_000;
/** A million queued take six minutes to fill. */
const waitMaxMs = 30 * 60_000;
/** Messages that a stage had asked for before its pause still come. */
const pausedMs = 2_000;
const settleMs = 5_000;

/** The cost of queueing a package, and of an event, at each queue depth; on a stack of its own for each. */
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
    // Six minutes and more each: once is enough.
    const turns = depth > 100_000 ? 1 : wanted;
    const costs: QueueCost[] = [];
    for (let turn = 0; turn < turns; turn += 1) {
      const cost = await queueCost(depth, natsServer, quick);
      say(
        `  ${depth} queued: ${Math.round(cost.takenIn.micros)} µs a package, ${Math.round(cost.workedOff.micros)} µs an event`,
      );
      costs.push(cost);
    }
    for (const [part, what] of [
      ['takenIn', 'a package until it is queued'],
      ['workedOff', 'an event after that'],
    ] as const) {
      results.push({
        what: `${depth.toLocaleString('en')} queued: processor time of ${what}`,
        samples: costs.map((cost) => cost[part].micros),
        unit: ' µs',
        note: costs[0]![part].byProcess,
      });
    }
    results.push({
      what: `${depth.toLocaleString('en')} queued: events per second`,
      samples: costs.map(({ rate }) => rate),
      unit: '/s',
      note: `memory while they wait: ${costs[0]!.memory}`,
    });
  }
  return results;
}

interface Cost {
  /** Processor time of all services and servers, in microseconds. */
  micros: number;
  byProcess: string;
}

interface QueueCost {
  takenIn: Cost;
  workedOff: Cost;
  rate: number;
  memory: string;
}

/** Fills the queue of the first stage while that is paused, and then lets some of it be worked off. */
async function queueCost(depth: number, natsServer: string | undefined, quick: boolean): Promise<QueueCost> {
  const sluice = await startSluice({ natsServer });
  try {
    const usage = async () => usageByName(await sluice.processes());
    await throughput(sluice, quick ? 500 : 6_000, usualRequest);
    await hold(sluice, 'pause');
    await delay(pausedMs);
    const empty = await usage();
    await fill(sluice, depth);
    const full = await usage();
    const begin = await position(sluice);
    const started = performance.now();
    await hold(sluice, 'resume');
    const wanted = Math.min(depth * eventsPerPackage, eventsMax);
    await waitFor(async () => (await position(sluice)) - begin >= wanted, { timeoutMs: waitMaxMs });
    const events = (await position(sluice)) - begin;
    const seconds = (performance.now() - started) / 1_000;
    return {
      takenIn: costOf(empty, full, depth),
      workedOff: costOf(full, await usage(), events),
      rate: events / seconds,
      memory: [...full]
        .map(([name, { memoryBytes }]) => `${name} ${Math.round(memoryBytes / 1e6)} MB`)
        .join(', '),
    };
  } finally {
    await sluice.stop();
  }
}

/** Two at once: while one is written the other is read. */
async function fill(sluice: Sluice, depth: number): Promise<void> {
  let left = depth;
  const submitNext = async () => {
    while (left > 0) {
      const size = Math.min(left, requestMaxPackages);
      left -= size;
      await submit(sluice, newLockfile(size));
    }
  };
  await Promise.all([submitNext(), submitNext()]);
  await waitFor(async () => (await running(sluice)) >= depth, { timeoutMs: waitMaxMs });
  // The records of each pull request are written a moment after it.
  await delay(settleMs);
}

async function hold({ stack }: Sluice, verb: 'pause' | 'resume'): Promise<void> {
  const response = await fetch(`${stack.info.apiUrl}/v1/stages/license/${verb}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ by: 'bench', reason: 'The queue is filled.' }),
  });
  if (!response.ok) throw new Error(`${verb} was answered ${response.status}: ${await response.text()}`);
}

/** Package versions in flight, as readers see them. */
async function running({ sql }: Sluice): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count from read.counts where kind = 'packages' and key = 'running'`;
  return row?.count ?? 0;
}

/** How many events readers have seen. */
async function position({ sql }: Sluice): Promise<number> {
  const [row] = await sql<{ sequence: number }[]>`select sequence from read.checkpoint`;
  return row!.sequence;
}

function costOf(before: Map<string, Usage>, after: Map<string, Usage>, things: number): Cost {
  const cpuMs = cpuMsBetween(before, after);
  const microsOf = (ms: number) => (1_000 * ms) / things;
  return {
    micros: microsOf(sumOf(cpuMs.values())),
    byProcess: [...cpuMs].map(([name, ms]) => `${name} ${Math.round(microsOf(ms))}`).join(', '),
  };
}
