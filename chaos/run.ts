import { appendFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findNatsServer } from '@sluice/servers';
import { runWithOwnMounts } from './mounts.ts';
import { rows, skippedRows } from './rows/index.ts';
import type { Row } from './row.ts';
import { failuresOf, runRow, type RowResult } from './run-row.ts';
import { resultTable } from './table.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

const help = `npm run chaos -- [options]

Injects the faults of the table, one row after the other, each into a stack of its own, and checks what became of
every acknowledged item. Ends with 1 when a row fails.

  --only <numbers>   rows to run, with commas; all otherwise
  --seed <number>    chooses victims and moments; 1 otherwise
  --seeds <count>    runs everything with this many seeds, from --seed on
  --packages <count> package versions a row; 2000 otherwise
  --nats <binary>    nats-server program; found as npm start does otherwise
  --full             outages as long as they are meant to be, instead of shortened
  --keep             leave the folders with their logs behind
  --append           adds the table to chaos/RESULTS.md`;

const say = (line: string) => void process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      seed: { type: 'string', default: '1' },
      seeds: { type: 'string', default: '1' },
      packages: { type: 'string', default: '2000' },
      nats: { type: 'string' },
      full: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      append: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return void process.stdout.write(`${help}\n`);
  const numbers = {
    only: values.only?.split(',') ?? [],
    seed: [values.seed],
    seeds: [values.seeds],
    packages: [values.packages],
  };
  for (const [name, texts] of Object.entries(numbers)) {
    const wrong = texts.find((text) => !/^[1-9]\d*$/.test(text));
    if (wrong === undefined) continue;
    say(`--${name} ${wrong}: a whole number from 1 on is needed.`);
    return void (process.exitCode = 2);
  }
  const only = values.only?.split(',').map(Number);
  const wanted = (number: number) => !only || only.includes(number);
  const stateFolder = path.join(root, '.sluice');
  const env = { ...process.env, ...(values.nats ? { SLUICE_NATS_SERVER: values.nats } : {}) };
  const { path: natsServer, version } = await findNatsServer({ env, stateFolder, onStep: say });
  const wantedRows = rows.filter(({ number }) => wanted(number));
  const unknown =
    only?.filter((number) => ![...rows, ...skippedRows].some((row) => row.number === number)) ?? [];
  for (const number of unknown) say(`There is no row ${number}.`);
  if (unknown.length > 0 || (await saysWhatIsMissing(wantedRows))) return void (process.exitCode = 2);
  const exitCode = await runWithOwnMounts(wantedRows.some(({ world }) => world?.mount));
  if (exitCode !== null) return void (process.exitCode = exitCode);
  const results: RowResult[] = [];
  const seeds = Array.from({ length: Number(values.seeds) }, (_, index) => Number(values.seed) + index);
  for (const seed of seeds) {
    for (const row of wantedRows) {
      say(`row ${row.number}, ${row.name}, seed ${seed} …`);
      const packages = Number(values.packages);
      const { full, keep } = values;
      const result = await runRow(row, { seed, packages, natsServer, full, keep, say });
      results.push(seeds.length > 1 ? { ...result, name: `${result.name}, seed ${seed}` } : result);
      const failures = failuresOf(result);
      const verdict = failures.length === 0 ? 'pass' : `FAIL: ${failures.join('\n  ')}`;
      say(`  ${verdict} (${Math.round(result.tookMs / 1000)} s)`);
    }
  }
  const table = resultTable(
    results,
    skippedRows.filter(({ number }) => wanted(number)),
  );
  process.stdout.write(`${table}\n`);
  if (values.append) await appendFile(path.join(root, 'chaos/RESULTS.md'), section(table, version, seeds));
  process.exitCode = results.some((result) => failuresOf(result).length > 0) ? 1 : 0;
}

/** Checks all requirements before the first row. */
async function saysWhatIsMissing(wanted: Row[]): Promise<boolean> {
  const lacks = await Promise.all(
    wanted.map(async ({ number, name, missing }) => ({ number, name, why: (await missing?.()) ?? null })),
  );
  for (const { number, name, why } of lacks) if (why) say(`Row ${number}, ${name}, cannot run here: ${why}.`);
  const without = lacks.filter(({ why }) => why === null).map(({ number }) => number);
  if (without.length === wanted.length) return false;
  if (without.length > 0) say(`The others: npm run chaos -- --only ${[...new Set(without)].join(',')}`);
  return true;
}

function section(table: string, natsVersion: string, seeds: number[]): string {
  const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 1024 ** 3)} GB`;
  const command = `npm run chaos -- ${process.argv.slice(2).join(' ')}`.replace(
    / --nats \S+/,
    ` --nats <${natsVersion}>`,
  );
  return `
## ${new Date().toISOString().slice(0, 10)}: nats-server ${natsVersion}, Node ${process.versions.node}, seed ${seeds.join(', ')}

${machine}, shared with other work. \`${command}\`

${table}
`;
}

await main().catch((error: unknown) => {
  const { code, message } = error as NodeJS.ErrnoException;
  if (!code?.startsWith('ERR_PARSE_ARGS')) throw error;
  say(`${message.split('. ')[0]}. See --help.`);
  process.exitCode = 2;
});
