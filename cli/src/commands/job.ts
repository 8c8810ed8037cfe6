import { jobSchema, steeredJobSchema, type SteeredJob } from '@sluice/api';
import type { Command } from 'commander';
import { requestId } from '../arguments.ts';
import { withApi, withRunningApi } from '../connect.ts';
import { actingCommand, actor, apiCommand, type ActorOptions, type ApiOptions } from '../options.ts';
import { plural, print } from '../output.ts';
import { renderJob } from '../render/job.ts';

/** `sluice job status`, `cancel` and `retry`: whatever has the id. */
export function jobCommands(program: Command): void {
  const job = program
    .command('job')
    .description('anything that takes a while, by its id: a request, a batch, a refresh, a replay');
  apiCommand(job, 'status')
    .argument('<job>', 'id of a request, a batch, a refresh or a replay', requestId)
    .description('show how far it is')
    .action((id: string, options: ApiOptions) =>
      withRunningApi(options, async (api) =>
        print(options, await api.get(jobSchema, `/v1/jobs/${id}`), renderJob),
      ),
    );
  steerCommand(
    job,
    'cancel',
    'cancel it; what of it has begun may still end',
    (done) => `Cancelled: ${affected(done)}.\n`,
  );
  steerCommand(
    job,
    'retry',
    'have what failed of it tried again',
    (done) => `Tried again: ${affected(done)}.\n`,
  );
}

function steerCommand(
  job: Command,
  name: 'cancel' | 'retry',
  description: string,
  render: (done: SteeredJob) => string,
): void {
  actingCommand(job, name)
    .argument('<job>', 'id of a request, a batch, a refresh or a replay', requestId)
    .description(description)
    .action((id: string, options: ActorOptions) =>
      withApi(options, async (api) =>
        print(options, await api.post(steeredJobSchema, `/v1/jobs/${id}/${name}`, actor(options)), render),
      ),
    );
}

const units = {
  items: 'item',
  requests: 'request',
  packages: 'package version',
  refreshes: 'refresh',
} as const;
const affected = ({ unit, affected: count }: SteeredJob): string => plural(count, units[unit]);
