import path from 'node:path';
import { createPostgres, type Sql } from '@sluice/postgres';
import { importAdvisoriesFrom, matchAdvisories, scannerMigrations } from '@sluice/scanner';
import { startPostgres } from '@sluice/servers';
import { percentile, type Bench, type Result } from '../bench.ts';
import { flawedName, fullExport, maliciousName, osvExport, type ExportSize } from '../osv-export.ts';
import { residentMemoryOf } from '../process-usage.ts';
import { withScratch } from '../scratch.ts';
import { writeZip } from '../zip-file.ts';

const memoryPollMs = 100;

/** What a full set of advisories costs: to load, to keep up to date, and to ask. */
export const advisories: Bench = {
  name: 'advisories',
  what: 'a set of advisories as large as that of all npm packages, made up: importing it, importing it again, and matching package versions against it',
  async run({ quick, say }) {
    const size = quick ? { malicious: 10_000, flaws: 1_000 } : fullExport;
    const turns = quick ? 1 : 3;
    const results: Result[] = [];
    for (let turn = 0; turn < turns; turn += 1) {
      const rows = await measure(size, quick ? 500 : 2_000);
      say(
        `  ${rows.map(({ what, samples, unit }) => `${what}: ${samples[0]!.toFixed(2)}${unit}`).join('; ')}`,
      );
      rows.forEach((row, index) =>
        results[index] ? results[index].samples.push(...row.samples) : results.push(row),
      );
    }
    return results;
  },
};

function measure(size: ExportSize, matches: number): Promise<Result[]> {
  return withScratch(async ({ folder, records, onClose }) => {
    const postgres = await startPostgres({ folder: path.join(folder, 'postgres'), records });
    onClose(() => postgres.stop());
    const count = size.malicious + size.flaws;
    const file = path.join(folder, 'all.zip');
    const load = () => importing(postgres.url, file, count);
    await writeZip(file, osvExport(size, 0));
    const first = await load();
    const same = await load();
    await writeZip(file, osvExport(size, 1));
    const later = await load();
    const { schema } = scannerMigrations;
    const sql = createPostgres({ url: postgres.url, service: 'bench', schema, pool: 1 });
    onClose(() => sql.end({ timeout: 2 }));
    const times = await matching(sql, size, matches);
    const note = `${Math.round(first.grownMegabytes)} MB more memory in the importing process`;
    return [
      { what: `importing ${count.toLocaleString('en')} records`, samples: [first.seconds], unit: ' s', note },
      { what: 'importing the same again', samples: [same.seconds], unit: ' s' },
      { what: 'importing the next day’s, few changed', samples: [later.seconds], unit: ' s' },
      { what: 'matching a package version, p50', samples: [percentile(times, 0.5)], unit: ' ms' },
      { what: 'matching a package version, p99', samples: [percentile(times, 0.99)], unit: ' ms' },
    ];
  });
}

async function importing(
  url: string,
  file: string,
  records: number,
): Promise<{ seconds: number; grownMegabytes: number }> {
  const before = await residentMemoryOf(process.pid);
  let peak = before;
  const look = async () => {
    peak = Math.max(peak, await residentMemoryOf(process.pid));
  };
  const watch = setInterval(() => void look(), memoryPollMs);
  try {
    const started = performance.now();
    const [set] = await importAdvisoriesFrom(url, file);
    if (set?.recordCount !== records)
      throw new Error(`${set?.recordCount} of ${records} records were imported.`);
    return { seconds: (performance.now() - started) / 1_000, grownMegabytes: (peak - before) / 1e6 };
  } finally {
    clearInterval(watch);
  }
}

/** One after the other; of ten package versions one is malicious, one has flaws, and the others have nothing. */
async function matching(sql: Sql, { malicious, flaws }: ExportSize, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const names = [maliciousName((index * 7_919) % malicious), flawedName((index * 7_919) % flaws)];
    const name = names[index % 10] ?? `clean-${index}`;
    const started = performance.now();
    const { matches } = await matchAdvisories(sql, 'npm', name, '1.1.0');
    times.push(performance.now() - started);
    if (matches.length > 0 !== index % 10 < 2)
      throw new Error(`${name} matched ${matches.length} advisories.`);
  }
  return times;
}
