import { controlledSchema, controlPageSchema } from '@sluice/api';
import type { Command } from 'commander';
import type { StageName } from '@sluice/contracts';
import { hostName, stage } from '../arguments.ts';
import { withRunningApi } from '../connect.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { actingCommand, actor, apiCommand, type ActorOptions, type ApiOptions } from '../options.ts';
import { print } from '../output.ts';
import { renderControls } from '../render/waits.ts';

/** `sluice pause`, `resume`, `drain`, `undrain` and `controls`: pauses of stages and hosts, drains of instances. */
export function holdCommands(program: Command): void {
  const pauses = {
    pause: program.command('pause').description('have a stage or a host wait; what runs is finished'),
    resume: program.command('resume').description('let a paused stage or host go on'),
  };
  for (const [verb, group] of Object.entries(pauses)) {
    actingCommand(group, 'stage')
      .argument('<stage>', 'license, download or scan', stage)
      .description(`${verb} a stage`)
      .action((name: StageName, options: ActorOptions) => hold(`/v1/stages/${name}/${verb}`, name, options));
    actingCommand(group, 'host')
      .argument('<host>', 'as in registry.example or registry.example:8443', hostName)
      .description(`${verb} a host that packages come from`)
      .action((host: string, options: ActorOptions) =>
        hold(`/v1/hosts/${encodeURIComponent(host)}/${verb}`, host, options),
      );
  }
  for (const verb of ['drain', 'undrain'] as const) {
    actingCommand(program, verb)
      .argument('<service/instance>', 'as `workers` lists it')
      .description(
        verb === 'drain' ? 'have an instance take no more work' : 'let a drained instance work again',
      )
      .action((worker: string, options: ActorOptions) =>
        hold(`/v1/workers/${workerPath(worker)}/${verb}`, worker, options),
      );
  }
  apiCommand(program, 'controls')
    .description('show what is paused or drained, by whom, since when and why')
    .action((options: ApiOptions) =>
      withRunningApi(options, async (api) => {
        print(
          options,
          { items: await api.pages(controlPageSchema, '/v1/controls') },
          ({ items }) => renderControls(items) || 'Nothing is paused or drained.\n',
        );
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

function hold(path: string, name: string, options: ActorOptions): Promise<void> {
  return withRunningApi(options, async (api) => {
    print(options, await api.post(controlledSchema, path, actor(options)), ({ changed, control }) => {
      const now = control ? renderControls([control]).trimEnd() : `${name} is not held`;
      return `${changed ? '' : 'Already: '}${now}.\n`;
    });
  });
}
