import path from 'node:path';
import { fileArtifactStore, type ArtifactStore } from '@sluice/artifacts';
import { npmSettings } from '@sluice/embedded';
import { inspectionChild } from '@sluice/ecosystems/assessment';
import { createInspector } from '@sluice/inspection';
import type { Bench, BenchContext, Result } from '../bench.ts';
import { usageOf } from '../process-usage.ts';
import { fetchArchives, realProject } from '../real-packages.ts';
import { ruleTimes } from '../rule-times.ts';
import { scanMemory } from '../scan-memory.ts';
import { withScratch } from '../scratch.ts';

/** The cost of reading an archive. */
export const scan: Bench = {
  name: 'scan',
  what: 'archives through the sandbox, one at a time: rates by second of processor time of all processes concerned, time by rule, and memory by size of the archive',
  async run({ quick, turns, say }) {
    const results = await realArchives({ quick, turns, say });
    for (const megabytes of quick ? [1, 10] : [1, 10, 100]) {
      const result = await scanMemory(megabytes);
      say(`  ${megabytes} MB: ${Math.round(result.samples[0]!)} MB of memory, ${result.note}`);
      results.push(result);
    }
    return results;
  },
};

async function realArchives({
  quick,
  turns,
  say,
}: Pick<BenchContext, 'quick' | 'turns' | 'say'>): Promise<Result[]> {
  const project = await realProject(quick, say);
  if (!project) return [];
  return await withScratch(async ({ folder }) => {
    const artifacts = fileArtifactStore(path.join(folder, 'artifacts'));
    const digests = await fetchArchives(project, (await npmSettings(process.env)).registryUrl, artifacts);
    const scanned = [];
    for (let turn = 0; turn < turns; turn += 1) scanned.push(await scanAll(artifacts, digests));
    const note = `${digests.length} archives, ${Math.round(scanned[0]!.megabytes)} MB unpacked, ${scanned[0]!.unscannable} of them unscannable`;
    say(`  ${note}: ${scanned.map((turn) => `${turn.seconds.toFixed(1)} s`).join(', ')}`);
    return [
      {
        what: 'unpacked',
        samples: scanned.map((turn) => turn.megabytes / turn.cpuSeconds),
        unit: ' MB/s',
        note,
      },
      { what: 'packages', samples: scanned.map((turn) => digests.length / turn.cpuSeconds), unit: '/s' },
      ...(await ruleTimes(artifacts, digests)),
    ];
  });
}

/** Scans every archive as the scanner does, in one child process at a time. */
async function scanAll(artifacts: ArtifactStore, digests: string[]) {
  const sandbox = createInspector({ entry: inspectionChild, size: 1 });
  const totals = { megabytes: 0, unscannable: 0 };
  const started = performance.now();
  const before = await usageOf(process.pid);
  try {
    for (const digest of digests) {
      const report = await sandbox.run(() => artifacts.open(digest), { task: 'npm' });
      totals.megabytes += report.unpackedSizeBytes / 1e6;
      if (report.status !== 'scanned') totals.unscannable += 1;
    }
    const seconds = (performance.now() - started) / 1_000;
    return { ...totals, seconds, cpuSeconds: ((await usageOf(process.pid)).cpuMs - before.cpuMs) / 1_000 };
  } finally {
    await sandbox.close();
  }
}
