import { createWriteStream } from 'node:fs';
import { serveJobs } from '@sluice/sandbox/child';
import { inspectArchive } from './inspect/inspect-archive.ts';
import type { Inspection } from './inspection.ts';

/**
 * Answers the jobs of an inspector until it closes the pipe. Runs in its child.
 * @param inspections one per ecosystem; the task of a job names one of them by its purl type.
 */
export async function serveInspections(inspections: readonly Inspection[]): Promise<void> {
  await serveJobs(process.stdin, createWriteStream('', { fd: 3 }), async (source, task) => {
    const inspection = inspections.find(({ type }) => type === task);
    if (!inspection) throw new Error(`There is no inspection of ${task} packages.`);
    return await inspectArchive(source, inspection);
  });
}
