import type { ScrubResult } from '@sluice/artifacts';
import type { Command } from 'commander';
import { namedStore, storeOf } from '../artifact-store.ts';
import { say, withStack } from '../connect.ts';
import { exitCodes } from '../exit-codes.ts';
import { outputCommand } from '../options.ts';
import { plural, print, type OutputOptions } from '../output.ts';

/** Few enough lines for a store of millions. */
const reportEvery = 10_000;

/** `sluice artifacts scrub`: whether all that is kept is what was stored. */
export function artifactsCommands(program: Command): void {
  const artifacts = program
    .command('artifacts')
    .description('the artifact store: archives, lists and reports');
  outputCommand(artifacts, 'scrub')
    .description(
      'read every artifact and compare it with its digest; the environment names the store of a deployment',
    )
    .action(async (options: OutputOptions) => {
      const named = await namedStore();
      if (named !== null) await run(named, options);
      else await withStack(async (info) => run(await storeOf(info), options));
    });
}

async function run(store: Awaited<ReturnType<typeof storeOf>>, options: OutputOptions): Promise<void> {
  const { scrub } = await import('@sluice/artifacts');
  const result = await scrub(store, (artifacts) => {
    if (artifacts % reportEvery === 0) say(`${artifacts} artifacts read`);
  });
  print(options, result, renderScrub);
  if (result.damaged.length > 0) process.exitCode = exitCodes.attention;
}

/** Pure. */
export function renderScrub({ artifacts, sizeBytes, damaged }: ScrubResult): string {
  const size = `${(sizeBytes / 1e6).toFixed(1)} MB`;
  const found = damaged.map(({ digest, code }) => `${digest}  ${code}\n`).join('');
  return `${plural(artifacts, 'artifact')}, ${size}: ${damaged.length === 0 ? 'all whole' : `${damaged.length} damaged`}.\n${found}`;
}
