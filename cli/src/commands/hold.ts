import { userInfo } from 'node:os';
import { Argument, type Command } from 'commander';
import { stageServices, type Control } from '@sluice/contracts';
import { withApi, type ServerOptions } from '../connect.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { renderControls } from '../render/waits.ts';

interface HoldOptions extends ServerOptions {
  reason: string;
  by?: string;
}

const serverOption = ['--server <url>', 'a gateway elsewhere; the stack of this folder otherwise'] as const;

function command(parent: Command, name: string): Command {
  return parent
    .command(name)
    .requiredOption('--reason <text>', 'why')
    .option('--by <name>', 'who asks for it; you otherwise')
    .option(...serverOption);
}

/** `sluice pause`, `resume`, `drain`, `undrain` and `controls`: what is held at runtime. */
export function holdCommands(program: Command): void {
  const pauses = {
    pause: program.command('pause').description('have a stage or a host wait; what runs is finished'),
    resume: program.command('resume').description('let a paused stage or host go on'),
  };
  for (const [verb, group] of Object.entries(pauses)) {
    command(group, 'stage')
      .addArgument(new Argument('<stage>', 'the service that runs it').choices(stageServices))
      .description(`${verb} a stage`)
      .action((stage: string, options: HoldOptions) => hold(`/v1/stages/${stage}/${verb}`, stage, options));
    command(group, 'host')
      .argument('<host>', 'as in registry.example or registry.example:8443')
      .description(`${verb} a host that packages come from`)
      .action((host: string, options: HoldOptions) =>
        hold(`/v1/hosts/${encodeURIComponent(host)}/${verb}`, host, options),
      );
  }
  for (const verb of ['drain', 'undrain'] as const) {
    command(program, verb)
      .argument('<service/instance>', 'as `workers` lists it')
      .description(
        verb === 'drain' ? 'have an instance take no more work' : 'let a drained instance work again',
      )
      .action((worker: string, options: HoldOptions) =>
        hold(`/v1/workers/${workerPath(worker)}/${verb}`, worker, options),
      );
  }
  program
    .command('controls')
    .description('show what is paused or drained, by whom, since when and why')
    .option(...serverOption)
    .action((options: ServerOptions) =>
      withApi(options, async (api) => {
        const { controls } = await api.call<{ controls: Control[] }>('GET', '/v1/controls');
        process.stdout.write(renderControls(controls) || 'Nothing is paused or drained.\n');
      }),
    );
}

function workerPath(worker: string): string {
  const slash = worker.indexOf('/');
  if (slash < 1 || slash === worker.length - 1) {
    throw new CommandError(
      exitCodes.usage,
      `"${worker}" is no <service>/<instance>.`,
      'The command workers lists them.',
    );
  }
  return `${encodeURIComponent(worker.slice(0, slash))}/${encodeURIComponent(worker.slice(slash + 1))}`;
}

function hold(path: string, name: string, { reason, by, ...server }: HoldOptions): Promise<void> {
  return withApi(server, async (api) => {
    const body = { reason, by: by ?? userInfo().username };
    const { changed, control } = await api.post<{ changed: boolean; control: Control | null }>(path, body);
    const already = changed ? '' : 'Already: ';
    const now = control ? renderControls([control]).trimEnd() : `${name} is not held`;
    process.stdout.write(`${already}${now}.\n`);
  });
}
