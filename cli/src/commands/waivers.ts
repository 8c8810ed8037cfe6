import { waiverChangedSchema, waiverPageSchema, type ShownWaiver } from '@sluice/api';
import type { Command } from 'commander';
import { moment, requestId } from '../arguments.ts';
import { withApi } from '../connect.ts';
import {
  actingCommand,
  actor,
  apiCommand,
  inScope,
  scoped,
  type ActorOptions,
  type ApiOptions,
  type ScopeOptions,
} from '../options.ts';
import { plural, print } from '../output.ts';
import { printable } from '../render/printable.ts';

interface WaiveOptions extends ActorOptions, ScopeOptions {
  code: string[];
  advisory?: string[];
  range?: string;
  until: string;
}

interface ListOptions extends ApiOptions, ScopeOptions {
  package?: string;
  all?: true;
}

/** `lodash` and `@babel/core` are npm's; any other package is a purl without version. */
const purlOf = (text: string) => (text.startsWith('pkg:') ? text : `pkg:npm/${text}`);

/** `sluice waive`, `sluice waivers` and `sluice end-waiver`. */
export function waiverCommands(program: Command): void {
  scoped(actingCommand(program, 'waive'))
    .argument('<package>', 'for instance lodash, or a purl without version', purlOf)
    .requiredOption('--code <codes...>', 'reasons that it waives, such as advisory.critical')
    .requiredOption('--until <time>', 'when it ends by itself, within a year: a date, or a time', moment)
    .option('--advisory <ids...>', 'of these advisories only')
    .option('--range <range>', 'of these versions only: comparisons such as ">=4.0.0 <5.0.0", or one version')
    .description('live with reasons of a package until a time; they stay visible')
    .action((name: string, options: WaiveOptions) =>
      withApi(options, async (api) => {
        const { code: codes, advisory: advisories, range, until } = options;
        const body = { ...actor(options), package: name, codes, advisories, range, until };
        const changed = await api.post(waiverChangedSchema, inScope('/v1/waivers', options), body);
        print(
          options,
          changed,
          ({ waiver, judged }) =>
            `${renderWaiver(waiver)}\n${plural(judged, 'package version')} judged anew.\n`,
        );
      }),
    );
  actingCommand(program, 'end-waiver')
    .argument('<id>', 'as `waivers` lists it', requestId)
    .description('end a waiver before its time')
    .action((id: string, options: ActorOptions) =>
      withApi(options, async (api) => {
        const changed = await api.post(waiverChangedSchema, `/v1/waivers/${id}/end`, actor(options));
        print(
          options,
          changed,
          ({ waiver, judged }) =>
            `The waiver ${waiver.id} has ended. ${plural(judged, 'package version')} judged anew.\n`,
        );
      }),
    );
  scoped(apiCommand(program, 'waivers'))
    .option('--package <package>', 'of this package only', purlOf)
    .option('--all', 'those that have ended as well')
    .description('list what is lived with until a time, the newest first')
    .action((options: ListOptions) =>
      withApi(options, async (api) => {
        const query = new URLSearchParams({ limit: '500' });
        if (options.package !== undefined) query.set('package', options.package);
        if (!options.all) query.set('state', 'holding');
        const path = inScope(`/v1/waivers?${query.toString()}`, options);
        print(options, await api.get(waiverPageSchema, path), ({ items }) => renderWaivers(items));
      }),
    );
}

/** A waiver a line, its reason below. Pure. */
export function renderWaivers(waivers: readonly ShownWaiver[]): string {
  if (waivers.length === 0) return 'Nothing is waived.\n';
  return waivers.map((waiver) => `${renderWaiver(waiver)}\n`).join('');
}

function renderWaiver({
  id,
  scope,
  range,
  codes,
  advisories,
  until,
  by,
  reason,
  ended,
  ...of
}: ShownWaiver): string {
  const limits = [range, ...advisories].filter((one) => one !== null).join(', ');
  const about = `${of.package}${limits === '' ? '' : ` (${limits})`}: ${codes.join(', ')}`;
  const end = ended === null ? `until ${until}` : `ended ${ended.at} by ${ended.by}: ${ended.reason}`;
  return `${id}  ${printable(about)}  in ${scope} ${printable(end)}\n  by ${printable(`${by}: ${reason}`)}`;
}
