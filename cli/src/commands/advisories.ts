import { names } from '@sluice/ecosystems/names';
import type { AdvisoryImport } from '@sluice/scanner';
import { TransientError } from '@sluice/contracts';
import { Option, type Command } from 'commander';
import { say, withStack } from '../connect.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { outputCommand } from '../options.ts';
import { plural, print, type OutputOptions } from '../output.ts';

const ecosystems = names.flatMap(({ osvName }) => osvName ?? []);

interface ImportOptions extends OutputOptions {
  ecosystem?: string;
}

/** `sluice advisories import`: loads a set of OSV records. */
export function advisoriesCommands(program: Command): void {
  const advisories = program.command('advisories').description('known vulnerabilities and malware');
  outputCommand(advisories, 'import')
    .argument('<source>', 'an OSV export: a zip, a folder of JSON files, or a URL of a zip')
    .addOption(new Option('--ecosystem <name>', 'take in this one only').choices(ecosystems))
    .description('load advisories; DATABASE_URL names the database of a deployment')
    .action(async (source: string, options: ImportOptions) => {
      const { databaseUrlOf } = await import('@sluice/runtime');
      const databaseUrl = databaseUrlOf(process.env);
      if (databaseUrl !== null) await load(databaseUrl, source, options);
      else await withStack((info) => load(info.databaseUrl, source, options));
    });
}

/** Few enough lines for the largest export there is. */
const reportEvery = 10_000;

async function load(databaseUrl: string, source: string, options: ImportOptions): Promise<void> {
  // No other command needs the scanner's code.
  const { importAdvisoriesFrom } = await import('@sluice/scanner');
  const imports = await importAdvisoriesFrom(databaseUrl, source, options, (read) => {
    if (read % reportEvery === 0) say(`${read} files read`);
  }).catch((cause: unknown) => {
    // The usual remedy of a transient error is a stage's: here nothing tries again.
    if (!(cause instanceof TransientError)) throw cause;
    throw new CommandError(
      exitCodes.server,
      cause.message,
      'Check the address and the network, then import again.',
      {
        cause,
        code: cause.code,
      },
    );
  });
  print(options, { items: imports }, ({ items }) => items.map((one) => `${describe(one)}\n`).join(''));
}

function describe({ ecosystem, result, recordCount, junkCount }: AdvisoryImport): string {
  const junk = junkCount > 0 ? `; ${plural(junkCount, 'file was', 'files were')} no OSV records` : '';
  return `${ecosystem}: ${recordCount} advisories ${result}${junk}.`;
}
