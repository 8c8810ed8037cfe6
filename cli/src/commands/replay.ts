import { replayedSchema, replayPageSchema, type ListedReplay, type Page } from '@sluice/api';
import type { StageName } from '@sluice/contracts';
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import type { ApiClient } from '../api-client.ts';
import { moment, positiveInteger, stage } from '../arguments.ts';
import { say, withApi } from '../connect.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { actingCommand, actor, apiCommand, type ActorOptions, type ApiOptions } from '../options.ts';
import { plural, print } from '../output.ts';
import { printable } from '../render/printable.ts';

interface ReplayOptions extends ActorOptions {
  stage: StageName;
  since?: string;
  until?: string;
  ecosystem?: string;
  rulesVersion?: string;
  advisoriesVersion?: string;
  limit?: number;
  dryRun?: boolean;
  yes?: boolean;
}

/** `sluice replay` and `sluice replays`: run a stage again over earlier assessments. */
export function replayCommands(program: Command): void {
  actingCommand(program, 'replay')
    .description('have a stage run again over what was assessed before; counts first, and asks')
    .requiredOption('--stage <stage>', 'license, download or scan, and the stages after it', stage)
    .option('--since <time>', 'whose newest assessment ended then or later', moment)
    .option('--until <time>', 'whose newest assessment ended before', moment)
    .option('--ecosystem <name>', 'of this type only, such as npm')
    .option('--rules-version <version>', 'whose evidence of the stage was made by an older version than this')
    .option('--advisories-version <version>', 'whose scan was compared with other advisories than these')
    .option('--limit <number>', 'so many, the longest ago first', positiveInteger)
    .option('--dry-run', 'only count')
    .option('--yes', 'do not ask')
    .action((options: ReplayOptions) => withApi(options, (api) => replay(api, options)));
  apiCommand(program, 'replays')
    .description('show the newest replays, and how far they are')
    .action((options: ApiOptions) =>
      withApi(options, async (api) =>
        print(options, await api.get(replayPageSchema, '/v1/replays'), renderReplays),
      ),
    );
}

async function replay(api: ApiClient, options: ReplayOptions): Promise<void> {
  const { since, until, ecosystem, rulesVersion, advisoriesVersion, limit } = options;
  const filter = { since, until, ecosystem, rulesVersion, advisoriesVersion, limit };
  const body = { ...actor(options), stage: options.stage, ...filter };
  const counted = await api.post(replayedSchema, '/v1/replays', { ...body, dryRun: true });
  const wouldRun = `${plural(counted.packages, 'package version')} would go through ${options.stage} again; ${counted.running} of them in flight, which are joined.`;
  if (options.dryRun || counted.packages === 0) return print(options, counted, () => `${wouldRun}\n`);
  say(wouldRun);
  if (!options.yes && !(await isWanted()))
    return print(options, { ...counted, packages: 0 }, () => 'Nothing was replayed.\n');
  const started = await api.post(replayedSchema, '/v1/replays', body, { 'idempotency-key': randomUUID() });
  print(
    options,
    started,
    ({ id, packages }) =>
      `Replay ${id}: ${plural(packages, 'package version')}. See: npm run sluice -- replays\n`,
  );
}

async function isWanted(): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new CommandError(exitCodes.usage, 'Nothing was replayed: nobody can be asked here.', 'Add --yes.');
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(?:es)?$/i.test((await terminal.question('Replay them? [y/N] ')).trim());
  } finally {
    terminal.close();
  }
}

function renderReplays({ items }: Page<ListedReplay>): string {
  if (items.length === 0) return 'Nothing was replayed yet.\n';
  return items.map((one) => `${printable(renderReplay(one))}\n`).join('');
}

function renderReplay(one: ListedReplay): string {
  const counts = (['waiting', 'joined', 'running', 'assessed', 'failed', 'cancelled'] as const)
    .filter((name) => one[name] > 0)
    .map((name) => `${name} ${one[name]}`);
  return `${one.id}  ${one.state.padEnd(8)}  ${one.createdAt}  ${one.filter.stage}  ${one.packages}: ${counts.join('  ')}  by ${one.by}: ${one.reason}`;
}
