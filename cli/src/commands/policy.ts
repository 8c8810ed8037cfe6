import { readFile } from 'node:fs/promises';
import { policyPageSchema, triedPolicySchema, type ShownPolicy, type TriedPolicy } from '@sluice/api';
import type { Command } from 'commander';
import { withApi } from '../connect.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { apiCommand, inScope, scoped, type ApiOptions, type ScopeOptions } from '../options.ts';
import { plural, print } from '../output.ts';
import { printable } from '../render/printable.ts';

type Options = ApiOptions & ScopeOptions;
type Tried = Pick<TriedPolicy, 'digest' | 'judged' | 'newlyHeld' | 'newlyFree'>;

/** Lines of a list for people; `--json` has all. */
const shownMax = 50;

/** `sluice policy try` and `sluice policy list`. */
export function policyCommands(program: Command): void {
  const policy = program.command('policy').description('the policies that judge');
  scoped(apiCommand(policy, 'try'))
    .argument('<file>', 'a policy document, which is judged by and not put in force')
    .description('say what another policy would hold and free of what is in use')
    .action((file: string, options: Options) =>
      withApi(options, async (api) => {
        const text = await readFile(file, 'utf8').catch((cause: unknown) => {
          throw new CommandError(exitCodes.usage, `${file} cannot be read: ${(cause as Error).message}`);
        });
        const tried: Tried = { digest: '', judged: 0, newlyHeld: [], newlyFree: [] };
        let after: string | null = null;
        do {
          const body = { policy: text, after };
          const page: TriedPolicy = await api.post(
            triedPolicySchema,
            inScope('/v1/policies/try', options),
            body,
          );
          tried.digest = page.digest;
          tried.judged += page.judged;
          tried.newlyHeld.push(...page.newlyHeld);
          tried.newlyFree.push(...page.newlyFree);
          after = page.next;
        } while (after !== null);
        print(options, tried, renderTried);
      }),
    );
  scoped(apiCommand(policy, 'list'))
    .description('list the policies that are or were in force, the last activated first')
    .action((options: Options) =>
      withApi(options, async (api) => {
        const { items } = await api.get(policyPageSchema, inScope('/v1/policies?limit=200', options));
        print(options, { items }, () => items.map(renderPolicy).join(''));
      }),
    );
}

const renderPolicy = ({ scope, version, digest, activatedAt }: ShownPolicy) =>
  `${activatedAt}  ${scope} ${version}  ${printable(digest)}\n`;

/** Package versions that would be decided otherwise, and their requesters. Pure. */
export function renderTried({ digest, judged, newlyHeld, newlyFree }: Tried): string {
  const people = new Set(newlyHeld.flatMap(({ requesters }) => requesters));
  const head =
    `${printable(digest)}, by the evidence of ${plural(judged, 'package version')} in use: ` +
    `${newlyHeld.length} newly held, ${newlyFree.length} newly free.\n`;
  const hit =
    people.size === 0 ? '' : `Held would be packages of ${[...people].map(printable).join(', ')}.\n`;
  return head + hit + listed('held', newlyHeld) + listed('free', newlyFree);
}

function listed(state: string, items: Tried['newlyHeld']): string {
  const lines = items
    .slice(0, shownMax)
    .map(
      ({ purl, codes, requests }) =>
        `  ${state}  ${printable(purl)}  ${codes.join(', ')}  in ${plural(requests, 'lockfile')}\n`,
    );
  const more = items.length - shownMax;
  return lines.join('') + (more > 0 ? `  … and ${more} more; --json has all.\n` : '');
}
