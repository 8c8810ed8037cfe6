import { approvalDebtSchema, type ApprovalDebt } from '@sluice/api';
import type { Command } from 'commander';
import { withApi } from '../connect.ts';
import { apiCommand, inScope, scoped, type ApiOptions, type ScopeOptions } from '../options.ts';
import { plural, print } from '../output.ts';
import { printable } from '../render/printable.ts';
import { renderColumns } from '../render/requests.ts';

/** `sluice debt`: how much waits for people. */
export function debtCommand(program: Command): void {
  scoped(apiCommand(program, 'debt'))
    .description('say how much waits for a person, why, for how long and for how many')
    .action((options: ApiOptions & ScopeOptions) =>
      withApi(options, async (api) =>
        print(options, await api.get(approvalDebtSchema, inScope('/v1/approval-debt', options)), renderDebt),
      ),
    );
}

/** Pure. */
export function renderDebt({ waiting, recalled, byReason, endingSoon, items }: ApprovalDebt): string {
  const ending = endingSoon === 0 ? '' : ` ${plural(endingSoon, 'approval')} will end within 30 days.`;
  if (waiting === 0) return `Nothing waits for a person.${ending}\n`;
  const head = `${plural(waiting, 'package version')} to review, ${recalled} of them recalled.${ending}`;
  const reasons = byReason.map(({ code, count }) => `${code} ${count}`).join(', ');
  const rows = items.map(({ purl, since, requesters, codes }) => [
    since,
    String(requesters),
    printable(purl),
    codes.join(', '),
  ]);
  return `${head}\n${reasons}\n\n${renderColumns([['since', 'people', 'what', 'why'], ...rows])}\n`;
}
