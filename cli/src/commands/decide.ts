import { userInfo } from 'node:os';
import type { ShownDecision } from '@sluice/contracts';
import type { Command } from 'commander';
import { moment, packageVersion } from '../arguments.ts';
import { withApi, type ServerOptions } from '../connect.ts';

interface DecideOptions extends ServerOptions {
  reason: string;
  by?: string;
  until?: string;
}

/** `sluice approve <purl>` and `sluice reject <purl>`. */
export function decideCommands(program: Command): void {
  for (const name of ['approve', 'reject'] as const) {
    program
      .command(name)
      .argument('<package>', 'for instance lodash@4.17.21, or a purl', packageVersion)
      .description(`${name} a package version`)
      .requiredOption('--reason <text>', 'why')
      .option('--by <name>', 'who decides; you otherwise')
      .option(
        '--until <time>',
        'when the decision ends by itself: a date, which is its beginning in UTC, or a time',
        moment,
      )
      .option('--server <url>', 'a gateway elsewhere; the stack of this folder otherwise')
      .action((purl: string, options: DecideOptions) =>
        withApi(options, async (api) => {
          const body = {
            by: options.by ?? userInfo().username,
            reason: options.reason,
            until: options.until ?? null,
          };
          const path = `/v1/packages/${encodeURIComponent(purl)}/${name}`;
          const decided = await api.post<{ purl: string; decision: ShownDecision }>(path, body);
          const { state, by, until } = decided.decision;
          const end = until === null ? '' : ` until ${until}`;
          process.stdout.write(`${decided.purl} is ${state} by ${by.name}${end}.\n`);
        }),
      );
  }
}
