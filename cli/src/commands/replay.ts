import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { Option, type Command } from 'commander';
import type { ApiClient } from '../api-client.ts';
import { moment } from '../arguments.ts';
import { withApi, type ServerOptions } from '../connect.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';

interface ReplayOptions extends ServerOptions {
  stage: string;
  reason: string;
  by?: string;
  since?: string;
  until?: string;
  ecosystem?: string;
  rulesVersion?: string;
  advisoriesVersion?: string;
  limit?: number;
  dryRun?: boolean;
  yes?: boolean;
}

/** Stages by the services that run them, and by their own names. */
const stages: Record<string, string> = {
  license: 'license',
  downloader: 'download',
  download: 'download',
  scanner: 'scan',
  scan: 'scan',
};

const serverOption = ['--server <url>', 'a gateway elsewhere; the stack of this folder otherwise'] as const;

/** `sluice replay` and `sluice replays`: stages that run again over what was assessed before. */
export function replayCommands(program: Command): void {
  program
    .command('replay')
    .description('have a stage run again over what was assessed before; counts first, and asks')
    .addOption(
      new Option('--stage <stage>', 'it, and the stages after it')
        .choices(Object.keys(stages))
        .makeOptionMandatory(),
    )
    .requiredOption('--reason <text>', 'why')
    .option('--by <name>', 'who asks for it; you otherwise')
    .option('--since <time>', 'whose newest assessment ended then or later', moment)
    .option('--until <time>', 'whose newest assessment ended before', moment)
    .option('--ecosystem <name>', 'of this type only, such as npm')
    .option('--rules-version <version>', 'whose evidence of the stage was made by an older version than this')
    .option('--advisories-version <version>', 'whose scan was compared with other advisories than these')
    .option('--limit <number>', 'so many, the longest ago first', Number)
    .option('--dry-run', 'only count')
    .option('--yes', 'do not ask')
    .option(...serverOption)
    .action((options: ReplayOptions) => withApi(options, (api) => replay(api, options)));
  program
    .command('replays')
    .description('show the newest replays, and how far they are')
    .option(...serverOption)
    .action((options: ServerOptions) => withApi(options, list));
}

interface Counted {
  id: string | null;
  packages: number;
  running: number;
}

async function replay(api: ApiClient, options: ReplayOptions): Promise<void> {
  const { reason, by, since, until, ecosystem, rulesVersion, advisoriesVersion, limit } = options;
  const filter = { since, until, ecosystem, rulesVersion, advisoriesVersion, limit };
  const body = { reason, by: by ?? userInfo().username, stage: stages[options.stage], ...filter };
  const counted = await api.post<Counted>('/v1/replays', { ...body, dryRun: true });
  process.stdout.write(
    `${counted.packages} package versions would go through ${options.stage} again; ${counted.running} of them are in flight and are joined.\n`,
  );
  if (options.dryRun || counted.packages === 0) return;
  if (!options.yes && !(await isWanted())) {
    process.stdout.write('Nothing was replayed.\n');
    return;
  }
  const { id, packages } = await api.call<Counted>('POST', '/v1/replays', JSON.stringify(body), {
    'content-type': 'application/json',
    'idempotency-key': randomUUID(),
  });
  process.stdout.write(`Replay ${id}: ${packages} package versions. See: npm run sluice -- replays\n`);
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

interface Listed extends Counted {
  filter: { stage: string };
  by: string;
  reason: string;
  createdAt: string;
  state: string;
  waiting: number;
  joined: number;
  assessed: number;
  failed: number;
}

async function list(api: ApiClient): Promise<void> {
  const { replays } = await api.call<{ replays: Listed[] }>('GET', '/v1/replays');
  for (const one of replays) {
    const counts = (['waiting', 'joined', 'running', 'assessed', 'failed'] as const)
      .filter((name) => one[name] > 0)
      .map((name) => `${name} ${one[name]}`);
    process.stdout.write(
      `${one.id}  ${one.state.padEnd(8)}  ${one.createdAt}  ${one.filter.stage}  ${one.packages}: ${counts.join('  ')}  by ${one.by}: ${one.reason}\n`,
    );
  }
  if (replays.length === 0) process.stdout.write('Nothing was replayed yet.\n');
}
