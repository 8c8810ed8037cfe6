import { userInfo } from 'node:os';
import { Option, type Command } from 'commander';
import { packageVersion } from '../arguments.ts';
import { withApi, type ServerOptions } from '../connect.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';

interface ActorOptions extends ServerOptions {
  reason: string;
  by?: string;
}

const actor = ({ reason, by }: ActorOptions) => ({ reason, by: by ?? userInfo().username });

function controlCommand(program: Command, name: string): Command {
  return program
    .command(name)
    .requiredOption('--reason <text>', 'why')
    .option('--by <name>', 'who asks for it; you otherwise')
    .option('--server <url>', 'a gateway elsewhere; the stack of this folder otherwise');
}

/** `sluice cancel`, `lane` and `retry`: steering what runs and what failed. */
export function controlCommands(program: Command): void {
  controlCommand(program, 'cancel')
    .argument('<request>', 'id of a request')
    .description('cancel a request; its open items end as cancelled')
    .action((id: string, options: ActorOptions) =>
      withApi(options, async (api) => {
        const done = await api.post<{ items: number; assessments: number }>(
          `/v1/requests/${encodeURIComponent(id)}/cancel`,
          actor(options),
        );
        process.stdout.write(
          `Cancelled: ${done.items} items ended, ${done.assessments} assessments dropped.\n`,
        );
      }),
    );
  controlCommand(program, 'lane')
    .argument('<request>', 'id of a request')
    .argument('<lane>', 'interactive or bulk')
    .description('move a running request to the other lane')
    .action((id: string, lane: string, options: ActorOptions) =>
      withApi(options, async (api) => {
        const body = { ...actor(options), lane };
        const done = await api.post<{ lane: string; assessments: number }>(
          `/v1/requests/${encodeURIComponent(id)}/lane`,
          body,
        );
        process.stdout.write(
          `The request is in the ${done.lane} lane; ${done.assessments} assessments were moved.\n`,
        );
      }),
    );
  retryCommand(program);
}

interface Retried {
  items: number;
  requests: number;
  packages: number;
  /** Absent from an older server. */
  skipped?: number;
}

interface RetryOptions extends ActorOptions {
  request?: string;
  package?: string;
  code?: string;
  stage?: string;
  all?: boolean;
}

function retryCommand(program: Command): void {
  controlCommand(program, 'retry')
    .description('have failed items tried again')
    .option('--request <id>', 'those of this request')
    .option('--package <package>', 'those of this package version, lodash@4.17.21 or a purl', packageVersion)
    .option('--code <code>', 'those that failed with this code')
    .addOption(
      new Option('--stage <stage>', 'those that failed in this stage').choices([
        'license',
        'download',
        'scan',
      ]),
    )
    .option('--all', 'all that failed')
    .action((options: RetryOptions) => {
      const { request, package: purl, code, stage, all } = options;
      if (!request && !purl && !code && !stage && !all) {
        throw new CommandError(exitCodes.usage, 'Say which: --request, --package, --code, --stage or --all.');
      }
      return withApi(options, async (api) => {
        const filter = {
          requestId: request ?? null,
          purl: purl ?? null,
          code: code ?? null,
          stage: stage ?? null,
        };
        const done = await api.post<Retried>('/v1/retries', {
          ...actor(options),
          ...filter,
        });
        process.stdout.write(
          `${done.packages} package versions are tried again, for ${done.items} items of ${done.requests} requests.\n`,
        );
        if (done.skipped)
          process.stdout.write(`${done.skipped} failed items of cancelled requests are left alone.\n`);
      });
    });
}
