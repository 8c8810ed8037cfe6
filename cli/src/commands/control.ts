import { cancelledSchema, laneChangedSchema, retriedSchema, type Retried } from '@sluice/api';
import { Argument, type Command } from 'commander';
import { lanes, type StageName } from '@sluice/contracts';
import { packageVersion, requestId, stage } from '../arguments.ts';
import { withApi } from '../connect.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { actingCommand, actor, type ActorOptions } from '../options.ts';
import { plural, print } from '../output.ts';

/** `sluice cancel`, `lane` and `retry`: steering running and failed work. */
export function controlCommands(program: Command): void {
  actingCommand(program, 'cancel')
    .argument('<request>', 'id of a request', requestId)
    .description('cancel a request; its open items end as cancelled')
    .action((id: string, options: ActorOptions) =>
      withApi(options, async (api) => {
        const path = `/v1/requests/${id}/cancel`;
        const done = await api.post(cancelledSchema, path, actor(options));
        print(
          options,
          done,
          ({ items, assessments }) =>
            `Cancelled: ${plural(items, 'item')} ended, ${plural(assessments, 'assessment')} dropped.\n`,
        );
      }),
    );
  actingCommand(program, 'lane')
    .argument('<request>', 'id of a request', requestId)
    .addArgument(new Argument('<lane>', 'interactive, or bulk for what nobody waits for').choices(lanes))
    .description('move a running request to the other lane')
    .action((id: string, lane: string, options: ActorOptions) =>
      withApi(options, async (api) => {
        const path = `/v1/requests/${id}/lane`;
        const body = { ...actor(options), lane };
        const done = await api.post(laneChangedSchema, path, body);
        print(
          options,
          done,
          (moved) =>
            `The request is in the ${moved.lane} lane; ${plural(moved.assessments, 'assessment was', 'assessments were')} moved.\n`,
        );
      }),
    );
  retryCommand(program);
}

interface RetryOptions extends ActorOptions {
  request?: string;
  package?: string;
  code?: string;
  stage?: StageName;
  all?: boolean;
}

function retryCommand(program: Command): void {
  actingCommand(program, 'retry')
    .description('have failed items tried again')
    .option('--request <id>', 'those of this request', requestId)
    .option('--package <package>', 'those of this package version, lodash@4.17.21 or a purl', packageVersion)
    .option('--code <code>', 'those that failed with this code')
    .option('--stage <stage>', 'those that failed in this stage: license, download or scan', stage)
    .option('--all', 'all that failed')
    .action((options: RetryOptions) => {
      const { request, package: purl, code, stage: failedIn, all } = options;
      if (!request && !purl && !code && !failedIn && !all) {
        throw new CommandError(exitCodes.usage, 'Say which: --request, --package, --code, --stage or --all.');
      }
      return withApi(options, async (api) => {
        const filter = {
          requestId: request ?? null,
          purl: purl ?? null,
          code: code ?? null,
          stage: failedIn ?? null,
        };
        print(
          options,
          await api.post(retriedSchema, '/v1/retries', { ...actor(options), ...filter }),
          renderRetried,
        );
      });
    });
}

/** Pure. */
export function renderRetried({ packages, items, requests, skipped }: Retried): string {
  const tried =
    packages === 0
      ? 'Nothing that failed fits.'
      : `${plural(packages, 'package version is', 'package versions are')} tried again, for ${plural(items, 'item')} of ${plural(requests, 'request')}.`;
  const left = skipped
    ? `${plural(skipped, 'failed item')} of cancelled requests ${skipped === 1 ? 'is' : 'are'} left alone.\n`
    : '';
  return `${tried}\n${left}`;
}
