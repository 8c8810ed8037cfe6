import { packagePageSchema, type PackageSummary } from '@sluice/api';
import type { Command } from 'commander';
import { withApi } from '../connect.ts';
import { apiCommand, inScope, scoped, type ApiOptions, type ScopeOptions } from '../options.ts';
import { plural, print } from '../output.ts';
import { describeDecision, renderTable, type Row } from '../render/result.ts';

/** `sluice review`: package versions that wait for a person, each with why. */
export function reviewCommand(program: Command): void {
  scoped(apiCommand(program, 'review'))
    .description('list the package versions that wait for a person, with the reasons')
    .action((options: ApiOptions & ScopeOptions) =>
      withApi(options, async (api) => {
        const list = (query: string) =>
          api.pages(packagePageSchema, inScope(`/v1/packages?${query}`, options));
        const waiting = [
          ...(await list('outcome=review&decision=none')),
          ...(await list('decision=recalled')),
        ];
        print(options, { items: waiting }, ({ items }) => render(items));
      }),
    );
}

function render(waiting: PackageSummary[]): string {
  if (waiting.length === 0) return 'Nothing waits for a person.\n';
  const columns = process.stdout.isTTY ? process.stdout.columns : 200;
  return `${renderTable(waiting.map(rowOf), columns)}

${plural(waiting.length, 'package version')} to review. Look closer with \`show <package>\`, then \`approve\` or \`reject <package> --reason <text>\`.
`;
}

function rowOf({ purl, outcome, decision, reasons }: PackageSummary): Row {
  const why = reasons
    .filter((reason) => reason.outcome !== 'approve')
    .map(({ code, message }) => `${code}  ${message}`);
  if (decision) why.push(`decision.${decision.state}  ${describeDecision(decision)}`);
  return { subject: purl, outcome: outcome ?? 'waiting', why };
}
