import {
  deadLetterPageSchema,
  deadLetterResultSchema,
  deadLetterSchema,
  type DeadLetterSummary,
  type Page,
} from '@sluice/api';
import { stageServices } from '@sluice/contracts';
import { Option, type Command } from 'commander';
import type { ApiClient } from '../api-client.ts';
import { positiveInteger } from '../arguments.ts';
import { withApi } from '../connect.ts';
import { exitCodes } from '../exit-codes.ts';
import { actingCommand, actor, apiCommand, type ActorOptions, type ApiOptions } from '../options.ts';
import { plural, print } from '../output.ts';
import { printable } from '../render/printable.ts';

interface Filter {
  kind?: string;
  service?: string;
  code?: string;
}

/** `sluice dead-letters list|show|redrive|discard`. */
export function deadLettersCommands(program: Command): void {
  const letters = program.command('dead-letters').description('messages that could not be processed');
  filtered(apiCommand(letters, 'list'))
    .description('list them, oldest first')
    .action((options: ApiOptions & Filter) =>
      withApi(options, async (api) => print(options, await list(api, options), renderList)),
    );
  apiCommand(letters, 'show')
    .argument('<sequence>', 'its number in the list', positiveInteger)
    .description('show one whole, as JSON: message, headers, error, stack')
    .action((sequence: number, options: ApiOptions) =>
      withApi(options, async (api) => {
        print({ json: true }, await api.get(deadLetterSchema, `/v1/dead-letters/${sequence}`), String);
      }),
    );
  action(letters, 'redrive', 'put them back into the flow');
  action(letters, 'discard', 'remove them for good; the audit keeps them');
}

function filtered(command: Command): Command {
  return command
    .addOption(
      new Option('--kind <kind>', 'those that failed, or those of a newer version').choices([
        'dlq',
        'parked',
      ]),
    )
    .addOption(new Option('--service <name>', 'of this service').choices(services))
    .option('--code <code>', 'with this error code');
}

/** Those that process messages. */
const services = ['aggregator', ...stageServices, 'projector'];

/** More are there when the page is full; people act on those first. */
const shownMax = 100;

function list(api: ApiClient, { kind, service, code }: Filter): Promise<Page<DeadLetterSummary>> {
  const query = new URLSearchParams({
    limit: String(shownMax),
    ...(kind ? { kind } : {}),
    ...(service ? { service } : {}),
    ...(code ? { code } : {}),
  });
  return api.get(deadLetterPageSchema, `/v1/dead-letters?${query.toString()}`);
}

function renderList({ items }: Page<DeadLetterSummary>): string {
  if (items.length === 0) return 'There are no dead letters.\n';
  return items
    .map(({ sequence, kind, failedAt, service, subject, code, attempts, error }) =>
      printable(
        `#${sequence}  ${kind}  ${failedAt}  ${service}  ${subject}  ${code}  after ${plural(attempts, 'attempt')}: ${error}`,
      ),
    )
    .map((line) => `${line}\n`)
    .join('');
}

type ActionOptions = ActorOptions & Filter;

function action(letters: Command, name: 'redrive' | 'discard', description: string): void {
  filtered(actingCommand(letters, name))
    .argument(
      '[sequences...]',
      'those of these numbers; all that fit the filter otherwise',
      (text: string, all: number[] | undefined) => [...(all ?? []), positiveInteger(text)],
    )
    .description(description)
    .action((sequences: number[] | undefined, options: ActionOptions) =>
      withApi(options, async (api) => {
        const { kind, service, code } = options;
        const body = {
          ...actor(options),
          kind: kind ?? null,
          service: service ?? null,
          code: code ?? null,
          sequences: sequences ?? null,
        };
        const result = await api.post(deadLetterResultSchema, `/v1/dead-letters/${name}`, body);
        print(options, result, ({ done, gone }) => {
          const verb = name === 'redrive' ? 'Redriven' : 'Discarded';
          const missing = gone.length === 0 ? '' : ` Not there: ${gone.map((one) => `#${one}`).join(', ')}.`;
          return done.length + gone.length === 0
            ? 'No dead letter fits.\n'
            : `${verb}: ${done.length}.${missing}\n`;
        });
        if (sequences && result.gone.length > 0) process.exitCode = exitCodes.usage;
      }),
    );
}
