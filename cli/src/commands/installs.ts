import { installPageSchema, type Install } from '@sluice/api';
import type { Command } from 'commander';
import { packageVersion, positiveInteger } from '../arguments.ts';
import { withApi } from '../connect.ts';
import { apiCommand, type ApiOptions } from '../options.ts';
import { print } from '../output.ts';
import { printable } from '../render/printable.ts';
import { renderColumns } from '../render/requests.ts';

interface InstallsOptions extends ApiOptions {
  by?: string;
  held?: true;
  limit: number;
}

/** `sluice installs`: whom a recalled package version has reached. */
export function installsCommand(program: Command): void {
  apiCommand(program, 'installs')
    .argument('[package]', 'for instance lodash@4.17.21, or a purl', packageVersion)
    .option('--by <name>', 'what this one has installed')
    .option(
      '--held',
      'only what may not be installed any more: what was recalled, rejected, or whose approval ended',
    )
    .option('--limit <number>', 'how many', positiveInteger, 50)
    .description('list who has installed what through the gate, the last one first')
    .action((purl: string | undefined, { by, held, limit, ...options }: InstallsOptions) =>
      withApi(options, async (api) => {
        const given = { purl, principal: by, held: held && 'true', limit: String(Math.min(limit, 500)) };
        const query = new URLSearchParams(
          Object.entries(given).filter((one): one is [string, string] => one[1] !== undefined),
        );
        const { items } = await api.get(installPageSchema, `/v1/installs?${query.toString()}`);
        print(options, { items }, () => renderInstalls(items));
      }),
    );
}

/** An install a row. Pure. */
export function renderInstalls(items: readonly Install[]): string {
  if (items.length === 0) return 'Nobody has installed it through the gate.\n';
  const rows = items.map(({ lastAt, principal, purl, scope, client }) => [
    lastAt,
    printable(principal),
    printable(purl),
    scope,
    printable(client),
  ]);
  return `${renderColumns([['last', 'who', 'what', 'scope', 'with'], ...rows])}\n`;
}
