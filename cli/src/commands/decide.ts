import { decidedSchema, packageSchema, type PackageDetail } from '@sluice/api';
import { defaultScope } from '@sluice/contracts';
import type { Command } from 'commander';
import { moment, packageVersion, wholeNumber } from '../arguments.ts';
import { withApi } from '../connect.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { actingCommand, actor, inScope, scoped, type ActorOptions, type ScopeOptions } from '../options.ts';
import { print } from '../output.ts';

interface EmergencyOptions extends ActorOptions, ScopeOptions {
  ticket: string;
  hours: number;
}

interface DecideOptions extends ActorOptions, ScopeOptions {
  until?: string;
}

/** `sluice approve <package>`, `reject` and `approve-in-emergency`. */
export function decideCommands(program: Command): void {
  emergencyCommand(program);
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
              throw asWaiting(error);
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

/** An approval that waits for another one was no mistake: it needs attention. */
function asWaiting(error: unknown): unknown {
  if (!(error instanceof CommandError) || error.code !== 'decision.needs-second') return error;
  const { message, remedy, code } = error;
  return new CommandError(exitCodes.attention, message, remedy, { cause: error, code });
}

function emergencyCommand(program: Command): void {
  scoped(actingCommand(program, 'approve-in-emergency'))
    .argument('<package>', 'for instance lodash@4.17.21, or a purl', packageVersion)
    .requiredOption('--ticket <text>', 'where it is written down and looked at afterwards')
    .option(
      '--hours <number>',
      'how long it holds, 24 at most',
      (text: string) => wholeNumber(text, 1, 24),
      8,
    )
    .description(
      'approve a package version past the four eyes of the policy; it needs the role emergency, and alerts',
    )
    .action((purl: string, options: EmergencyOptions) =>
      withApi(options, async (api) => {
        const { ticket, hours } = options;
        const path = inScope(`/v1/packages/${encodeURIComponent(purl)}/approve-in-emergency`, options);
        print(options, await api.post(decidedSchema, path, { ...actor(options), ticket, hours }), render);
      }),
    );
}

function render({ purl, scope, decision }: Pick<PackageDetail, 'purl' | 'scope' | 'decision'>): string {
  const where = scope === defaultScope ? '' : ` in ${scope}`;
  if (decision === null) return `${purl} has no decision${where}.\n`;
  const { state, by, until } = decision;
  const end = until === null ? '' : ` until ${until}`;
  return `${purl} is ${state}${where} by ${by.name}${end}.\n`;
}
