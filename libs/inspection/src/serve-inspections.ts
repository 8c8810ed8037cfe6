import { createWriteStream } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { serveJobs } from '@sluice/sandbox/child';
import { inspectArchive } from './inspect/inspect-archive.ts';
import type { Inspection } from './inspection.ts';

/**
 * Answers the jobs of an inspector until it closes the pipe. Runs in its child.
 * @param inspections one per ecosystem; the task of a job names one of them by its purl type.
 */
export async function serveInspections(inspections: readonly Inspection[]): Promise<void> {
  // A fifth of a child's time went into optimising code that runs for seconds only; less of it is put into one piece. A
  // version of V8 that has no such limit says so and goes on.
  setFlagsFromString('--max-inlined-bytecode-size-cumulative=200');
  // Nor is code optimised that is only warm: four times the usual work before saves a tenth of the processor time.
  setFlagsFromString('--interrupt-budget=500000');
  await serveJobs(process.stdin, createWriteStream('', { fd: 3 }), async (source, task) => {
    const inspection = inspections.find(({ type }) => type === task);
    if (!inspection) throw new Error(`There is no inspection of ${task} packages.`);
    return await inspectArchive(source, inspection);
  });
}
