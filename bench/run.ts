import { writeFile, readFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findNatsServer } from '@sluice/servers';
import type { Bench } from './bench.ts';
import { benches } from './benches/index.ts';
import { replaceSection } from './results-file.ts';
import { closeScratches } from './scratch.ts';
import { resultTable } from './table.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const resultsFile = path.join(root, 'bench/RESULTS.md');

const lookNames = benches
  .filter(({ inQuickLook }) => inQuickLook)
  .map(({ name }) => name)
  .join(', ');

const help = `npm run bench -- [names] [options]

Measures Sluice side by side with what a team would use instead, in turns, and prints a table.

${benches.map(({ name, what }) => `  ${name.padEnd(12)} ${what}`).join('\n')}

  --quick          smaller and fewer turns: for a look; without names at ${lookNames}, in two minutes
  --turns <count>  how often each contestant is measured; 3 otherwise, and 1 with --quick
  --popular <n>    evidence: the first n names of the list of popular packages in place of a real lockfile's; their
                   archives are kept in the system's temporary folder
  --nats <binary>  nats-server program; found as npm start does otherwise
  --write          puts the tables into bench/RESULTS.md, in place of those of the same name; with --nats, of that
                   and its version`;

const say = (line: string) => void process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      turns: { type: 'string' },
      popular: { type: 'string' },
      nats: { type: 'string' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const unknown = positionals.filter((name) => !benches.some((bench) => bench.name === name));
  if (values.help || unknown.length > 0) {
    process.stdout.write(`${unknown.map((name) => `There is no benchmark "${name}".\n`).join('')}${help}\n`);
    process.exitCode = unknown.length > 0 ? 2 : 0;
    return;
  }
  const env = { ...process.env, ...(values.nats ? { SLUICE_NATS_SERVER: values.nats } : {}) };
  const nats = await findNatsServer({ env, stateFolder: path.join(root, '.sluice'), onStep: say });
  const turns = Number(values.turns ?? (values.quick ? 1 : 3));
  const isWanted = ({ name, inQuickLook }: Bench) =>
    positionals.length > 0 ? positionals.includes(name) : !values.quick || inQuickLook;
  const wanted = benches.filter(isWanted);
  if (await saysWhatIsMissing(wanted)) return void (process.exitCode = 2);
  for (const { name, what, run } of wanted) {
    say(`${name}: ${what} …`);
    const started = Date.now();
    const popular = Number(values.popular ?? 0);
    const context = { quick: values.quick, turns, popular, natsServer: nats.path, say };
    const table = resultTable(await run(context));
    const took = `${Math.round((Date.now() - started) / 1000)} s`;
    process.stdout.write(`${table}\n`);
    if (!values.write) continue;
    const flags = [
      values.quick && '--quick',
      values.turns && `--turns ${values.turns}`,
      values.popular && `--popular ${values.popular}`,
      values.nats && '--nats <binary>',
    ];
    const command = ['npm run bench --', name, ...flags.filter(Boolean)].join(' ');
    const title = values.nats ? `${name} on nats-server ${nats.version}` : name;
    const setting = `${new Date().toISOString().slice(0, 10)}, ${machine()}, Node ${process.versions.node}, nats-server ${nats.version}, ${took}: \`${command}\``;
    const before = await readFile(resultsFile, 'utf8').catch(() => '# What was measured\n');
    await writeFile(resultsFile, replaceSection(before, title, `${what}\n\n${setting}\n\n${table}`));
  }
}

/** Checks all requirements before the first measurement. */
async function saysWhatIsMissing(wanted: Bench[]): Promise<boolean> {
  const lacks = await Promise.all(
    wanted.map(async ({ name, missing }) => ({ name, why: (await missing?.()) ?? null })),
  );
  const without = lacks.filter(({ why }) => why === null).map(({ name }) => name);
  for (const { name, why } of lacks) if (why) say(`${name} cannot be measured here: ${why}.`);
  if (without.length === wanted.length) return false;
  if (without.length > 0) say(`The others: npm run bench -- ${without.join(' ')}`);
  return true;
}

function machine(): string {
  return `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 1024 ** 3)} GB`;
}

let interruption: Promise<void> | undefined;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    interruption ??= closeScratches().then(() => process.exit(130));
  });
}

try {
  await main().catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!code?.startsWith('ERR_PARSE_ARGS')) throw error;
    say(`${message.split('. ')[0]}. See --help.`);
    process.exitCode = 2;
  });
} catch (error) {
  // A measurement that was interrupted means nothing.
  if (!interruption) throw error;
  await interruption;
}
