import { packageSchema, type PackageDetail } from '@sluice/api';
import { defaultScope } from '@sluice/contracts';
import type { Command } from 'commander';
import { standing } from '../render/items.ts';
import { describeDecision } from '../render/result.ts';
import { printable } from '../render/printable.ts';
import { packageVersion } from '../arguments.ts';
import { withApi } from '../connect.ts';
import { apiCommand, inScope, scoped, type ApiOptions, type ScopeOptions } from '../options.ts';
import { print } from '../output.ts';
import { describeTries } from '../render/tries.ts';

/** `sluice show <purl>`: verdict, decision and timeline of a package version. */
export function showCommand(program: Command): void {
  scoped(apiCommand(program, 'show'))
    .argument('<package>', 'for instance lodash@4.17.21, or a purl', packageVersion)
    .description('show verdict, decision and timeline of a package version; --json adds the evidence')
    .action((purl: string, options: ApiOptions & ScopeOptions) =>
      withApi(options, async (api) =>
        print(
          options,
          await api.get(packageSchema, inScope(`/v1/packages/${encodeURIComponent(purl)}`, options)),
          render,
        ),
      ),
    );
}

function render(found: PackageDetail): string {
  const { purl, scope, state, outcome, verdict, decision, failure, timeline, traceId } = found;
  const lines = [
    `${purl}: ${state}${found.stage ? `, ${standing({ ...found, state: found.stage })}` : ''}${outcome ? `, verdict ${outcome}${scope === defaultScope ? '' : ` in ${scope}`}` : ''}`,
  ];
  if (failure) lines.push(`Failed in ${failure.stage}: ${failure.code}  ${failure.detail}`);
  if (decision) lines.push(`${decision.state} at ${decision.at} ${describeDecision(decision)}`);
  for (const reason of verdict?.reasons ?? []) {
    lines.push(
      `  ${reason.outcome.padEnd(7)}  ${reason.code}  ${reason.message}`,
      `           → ${reason.remedy}`,
    );
  }
  if (found.failedTries.length > 0) lines.push('', 'Failed tries', ...describeTries(found.failedTries));
  lines.push('', 'Timeline');
  for (const { at, sequence, type, data } of timeline) {
    // Told above, together.
    if (type !== 'pkg.attempt-failed') lines.push(`  ${at}  #${sequence}  ${type}  ${JSON.stringify(data)}`);
  }
  if (traceId) lines.push('', `Trace ${traceId}; see it with: npm run sluice -- trace ${traceId}`);
  return `${lines.map(printable).join('\n')}\n`;
}
