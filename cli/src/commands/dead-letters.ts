import { userInfo } from 'node:os';
import { Option, type Command } from 'commander';
import type { ApiClient } from '../api-client.ts';
import { withApi, type ServerOptions } from '../connect.ts';

interface Summary {
  sequence: number;
  kind: string;
  service: string;
  subject: string;
  code: string;
  error: string;
  failedAt: string;
  attempts: number;
}

interface FilterOptions extends ServerOptions {
  kind?: string;
  service?: string;
  code?: string;
}

interface ActionOptions extends FilterOptions {
  reason: string;
  by?: string;
  all?: boolean;
}

const kindOption = () =>
  new Option('--kind <kind>', 'those that failed, or those of a newer version').choices(['dlq', 'parked']);
const serverOption = ['--server <url>', 'a gateway elsewhere; the stack of this folder otherwise'] as const;

/** `sluice dead-letters list|show|redrive|discard`. */
export function deadLettersCommands(program: Command): void {
  const letters = program.command('dead-letters').description('messages that could not be processed');
  letters
    .command('list')
    .description('list them, oldest first')
    .addOption(kindOption())
    .option('--service <name>', 'of this service')
    .option('--code <code>', 'with this error code')
    .option(...serverOption)
    .action((options: FilterOptions) => withApi(options, (api) => list(api, options)));
  letters
    .command('show')
    .argument('<sequence>')
    .description('show one whole: message, headers, error, stack')
    .option(...serverOption)
    .action((sequence: string, options: ServerOptions) =>
      withApi(options, async (api) => {
        const letter = await api.call<object>('GET', `/v1/dead-letters/${encodeURIComponent(sequence)}`);
        process.stdout.write(`${JSON.stringify(letter, null, 2)}\n`);
      }),
    );
  action(letters, 'redrive', 'put them back into the flow');
  action(letters, 'discard', 'remove them for good; the audit keeps them');
}

async function list(api: ApiClient, { kind, service, code }: FilterOptions): Promise<void> {
  const query = new URLSearchParams({
    limit: '100',
    ...(kind ? { kind } : {}),
    ...(service ? { service } : {}),
    ...(code ? { code } : {}),
  });
  const { items } = await api.call<{ items: Summary[] }>('GET', `/v1/dead-letters?${query.toString()}`);
  for (const letter of items) {
    const { sequence, service: of, subject, error, failedAt, attempts } = letter;
    process.stdout.write(
      `#${sequence}  ${letter.kind}  ${failedAt}  ${of}  ${subject}  ${letter.code}  after ${attempts} attempts: ${error}\n`,
    );
  }
  if (items.length === 0) process.stdout.write('There are no dead letters.\n');
}

function action(letters: Command, name: 'redrive' | 'discard', description: string): void {
  letters
    .command(name)
    .argument('[sequences...]', 'those of these sequences; all that fit the filter otherwise')
    .description(description)
    .requiredOption('--reason <text>', 'why')
    .option('--by <name>', 'who asks for it; you otherwise')
    .addOption(kindOption())
    .option('--service <name>', 'of this service')
    .option('--code <code>', 'with this error code')
    .option(...serverOption)
    .action((sequences: string[], options: ActionOptions) =>
      withApi(options, async (api) => {
        const { reason, by, kind, service, code } = options;
        const body = {
          reason,
          by: by ?? userInfo().username,
          kind: kind ?? null,
          service: service ?? null,
          code: code ?? null,
          sequences: sequences.length > 0 ? sequences.map(Number) : null,
        };
        const { done, gone } = await api.post<{ done: number[]; gone: number[] }>(
          `/v1/dead-letters/${name}`,
          body,
        );
        process.stdout.write(
          `${name === 'redrive' ? 'Redriven' : 'Discarded'}: ${done.length}; not there any more: ${gone.length}.\n`,
        );
      }),
    );
}
