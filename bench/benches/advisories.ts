import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createPostgres, type Sql } from '@sluice/postgres';
import { names as ecosystems } from '@sluice/ecosystems/names';
import { matchAdvisories, scannerSchema } from '@sluice/scanner';
import { startPostgres } from '@sluice/servers';
import { percentile, type Bench, type Result } from '../bench.ts';
import type { ImportCost } from '../import-once.ts';
import { flawedName, fullExport, maliciousName, osvExport, type ExportSize } from '../osv-export.ts';
import { withScratch } from '../scratch.ts';
import { writeZip } from '../zip-file.ts';

const run = promisify(execFile);
const importOnce = fileURLToPath(new URL('../import-once.js', import.meta.url));

/** Costs of a full set of advisories: loading, refreshing, matching. */
export const advisories: Bench = {
  name: 'advisories',
  what: 'a set of advisories as large as that of all npm packages, made up: importing it, importing it again, and matching package versions against it',
  async run({ quick, turns, say }) {
    const size = quick ? { malicious: 5_000, flaws: 500 } : fullExport;
    const results: Result[] = [];
    for (let turn = 0; turn < turns; turn += 1) {
      const rows = await measure(size, quick ? 500 : 2_000);
      for (const [index, row] of rows.entries()) {
        say(`  ${row.what}: ${row.samples[0]!.toFixed(2)}${row.unit}${row.note ? `, ${row.note}` : ''}`);
        if (results[index]) results[index].samples.push(...row.samples);
        else results.push(row);
      }
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
    const load = async (what: string): Promise<Result> => {
      const { recordCount, seconds, cpuSeconds, peakBytes } = await importing(postgres.url, file);
      if (recordCount !== count) throw new Error(`${recordCount} of ${count} records were imported.`);
      const note = `${cpuSeconds.toFixed(1)} s of processor time and ${Math.round(peakBytes / 1e6)} MB in the importing process`;
      return { what, samples: [seconds], unit: ' s', note };
    };
    await writeZip(file, osvExport(size, 0));
    const rows = [await load(`importing ${count.toLocaleString('en')} records`)];
    rows.push(await load('importing the same again'));
    await writeZip(file, osvExport(size, 1));
    rows.push(await load('importing the next day’s, few changed'));
    const sql = createPostgres({ url: postgres.url, service: 'bench', schema: scannerSchema, pool: 1 });
    onClose(() => sql.end({ timeout: 2 }));
    const times = await matching(sql, size, matches);
    for (const share of [0.5, 0.99]) {
      const what = `matching a package version, p${share * 100}`;
      rows.push({ what, samples: [percentile(times, share)], unit: ' ms' });
    }
    return rows;
  });
}

async function importing(databaseUrl: string, file: string): Promise<ImportCost> {
  const { stdout } = await run(process.execPath, [importOnce, databaseUrl, file]);
  return JSON.parse(stdout) as ImportCost;
}

/** One after the other; of ten package versions one is malicious, one has flaws, and the others have nothing. */
async function matching(sql: Sql, { malicious, flaws }: ExportSize, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const names = [maliciousName((index * 7_919) % malicious), flawedName((index * 7_919) % flaws)];
    const name = names[index % 10] ?? `clean-${index}`;
    const started = performance.now();
    const { matches } = await matchAdvisories(sql, ecosystems[0], name, '1.1.0');
    times.push(performance.now() - started);
    if (matches.length > 0 !== index % 10 < 2)
      throw new Error(`${name} matched ${matches.length} advisories.`);
  }
  return times;
}
