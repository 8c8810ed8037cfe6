import { decidedManySchema, type DecidedMany } from '@sluice/api';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import type { ApiClient } from '../api-client.ts';
import { moment, packageVersion } from '../arguments.ts';
import { say, withApi } from '../connect.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { actingCommand, actor, inScope, scoped, type ActorOptions, type ScopeOptions } from '../options.ts';
import { plural, print } from '../output.ts';
import { printable } from '../render/printable.ts';

interface Options extends ActorOptions, ScopeOptions {
  code?: string;
  until?: string;
  dryRun?: boolean;
  yes?: boolean;
}

/** `sluice approve-all` and `sluice reject-all`: many package versions at once, after a look at each answer. */
export function decideManyCommands(program: Command): void {
  for (const decision of ['approve', 'reject'] as const) {
    scoped(actingCommand(program, `${decision}-all`))
      .argument('[packages...]', 'at most 500; or those of --code')
      .option('--code <code>', 'those that wait for this reason alone, such as license.review')
      .option('--until <time>', 'when the decisions end by themselves: a date, or a time', moment)
      .option('--dry-run', 'only show what would be answered')
      .option('--yes', 'do not ask')
      .description(`${decision} many package versions at once; shows them first, and asks`)
      .action((packages: string[], options: Options) =>
        withApi(options, (api) => decideAll(api, decision, packages.map(packageVersion), options)),
      );
  }
}

async function decideAll(
  api: ApiClient,
  decision: 'approve' | 'reject',
  packages: string[],
  options: Options,
): Promise<void> {
  const { code, until } = options;
  if ((packages.length === 0) === (code === undefined))
    throw new CommandError(exitCodes.usage, 'Nothing says which ones.', 'Name packages, or a --code.');
  const which = code === undefined ? { packages } : { code };
  const body = { ...actor(options), decision, until: until ?? null };
  const asked = { ...body, ...which };
  const preview = await api.post(decidedManySchema, inScope('/v1/decisions/preview', options), asked);
  if (options.dryRun || preview.items.length === 0)
    return print(options, preview, (made) => renderMany(made, 'would be'));
  say(renderMany(preview, 'would be').trimEnd());
  if (!options.yes && !(await isWanted()))
    return print(options, { ...preview, items: [], decided: 0 }, () => 'Nothing was decided.\n');
  const wish = { ...body, packages: preview.items.map(lookedAt), expectedCount: preview.items.length };
  const made = await api.post(decidedManySchema, inScope('/v1/decisions', options), wish);
  print(options, made, (answer) => renderMany(answer, 'are'));
}

/** What was shown and nothing else is decided, as it was shown. An older gateway does not say on which assessment. */
function lookedAt({ purl, assessmentId, sequence }: DecidedMany['items'][number]) {
  return assessmentId === undefined ? purl : { purl, assessmentId, sequence };
}

async function isWanted(): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new CommandError(exitCodes.usage, 'Nothing was decided: nobody can be asked here.', 'Add --yes.');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(?:es)?$/i.test((await terminal.question('Decide them? [y/N] ')).trim());
  } finally {
    terminal.close();
  }
}

/** A package version a line, refused ones with why. Pure. */
export function renderMany({ items, decided, refused }: DecidedMany, verb: 'are' | 'would be'): string {
  const lines = items.map(({ purl, decision, refusal }) =>
    refusal === null
      ? `  ${decision?.state ?? 'decided'}  ${printable(purl)}\n`
      : `  refused  ${printable(purl)}  ${refusal.code}  ${printable(refusal.detail)}\n`,
  );
  return `${lines.join('')}${plural(decided, 'package version')} ${verb} decided, ${refused} refused.\n`;
}
