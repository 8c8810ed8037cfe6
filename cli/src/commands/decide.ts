import { decidedSchema, packageSchema, type PackageDetail } from '@sluice/api';
import { defaultScope } from '@sluice/contracts';
import type { Command } from 'commander';
import { moment, packageVersion } from '../arguments.ts';
import { withApi } from '../connect.ts';
import { CommandError } from '../exit-codes.ts';
import { actingCommand, actor, inScope, scoped, type ActorOptions, type ScopeOptions } from '../options.ts';
import { print } from '../output.ts';

interface DecideOptions extends ActorOptions, ScopeOptions {
  until?: string;
}

/** `sluice approve <package>` and `sluice reject <package>`. */
export function decideCommands(program: Command): void {
  for (const name of ['approve', 'reject'] as const) {
    scoped(actingCommand(program, name))
      .argument('<package>', 'for instance lodash@4.17.21, or a purl', packageVersion)
      .description(`${name} a package version`)
      .option(
        '--until <time>',
        'when the decision ends by itself: a date, which is its beginning in UTC, or a time',
        moment,
      )
      .action((purl: string, options: DecideOptions) =>
        withApi(options, async (api) => {
          const body = { ...actor(options), until: options.until ?? null };
          const path = `/v1/packages/${encodeURIComponent(purl)}`;
          const decided = await api
            .post(decidedSchema, inScope(`${path}/${name}`, options), body)
            .catch((error: unknown) => {
              if (error instanceof CommandError && error.code === 'decision.unchanged') return null;
              throw error;
            });
          // The same decision holds already: a success, like a second pause.
          if (decided) print(options, decided, render);
          else
            print(
              options,
              await api.get(packageSchema, inScope(path, options)),
              (holds) => `Already: ${render(holds)}`,
            );
        }),
      );
  }
}

function render({ purl, scope, decision }: Pick<PackageDetail, 'purl' | 'scope' | 'decision'>): string {
  const where = scope === defaultScope ? '' : ` in ${scope}`;
  if (decision === null) return `${purl} has no decision${where}.\n`;
  const { state, by, until } = decision;
  const end = until === null ? '' : ` until ${until}`;
  return `${purl} is ${state}${where} by ${by.name}${end}.\n`;
}
