import { setTimeout as delay } from 'node:timers/promises';
import { inspectionChild } from '@sluice/ecosystems/assessment';
import { createInspector } from '@sluice/inspection';
import type { Result } from './bench.ts';
import { generatedArchive } from './generated-archive.ts';
import { childrenOf, peakMemoryOf } from './process-usage.ts';

const pollMs = 20;
/** The size that the budget is about. */
const budgetMegabytes = 100;

/** The most memory that a scanning process has while it reads an archive of this size, in a process of its own. */
export async function scanMemory(megabytes: number): Promise<Result> {
  const archive = generatedArchive(megabytes);
  const before = new Set(await childrenOf(process.pid));
  const sandbox = createInspector({ entry: inspectionChild, size: 1 });
  let peakBytes = 0;
  let done = false;
  const watch = async () => {
    while (!done) {
      const children = (await childrenOf(process.pid)).filter((pid) => !before.has(pid));
      // It may end between the question and the look.
      const peaks = await Promise.all(children.map((pid) => peakMemoryOf(pid).catch(() => 0)));
      peakBytes = Math.max(peakBytes, ...peaks);
      await delay(pollMs);
    }
  };
  const watching = watch();
  try {
    const started = performance.now();
    const report = await sandbox.run(async () => chunksOf(archive), { task: 'npm' });
    const seconds = ((performance.now() - started) / 1_000).toFixed(1);
    return {
      what: `peak memory of the scanning process, ${megabytes} MB unpacked`,
      samples: [peakBytes / 1e6],
      unit: ' MB',
      ...(megabytes === budgetMegabytes ? { budget: { max: 150, what: 'at most 150 MB' } } : {}),
      note: `${report.status}${report.reason ? ` (${report.reason})` : ''} after ${seconds} s`,
    };
  } finally {
    done = true;
    await watching;
    await sandbox.close();
  }
}

const chunkBytes = 64 * 1024;

async function* chunksOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}
