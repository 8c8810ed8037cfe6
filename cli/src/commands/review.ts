import type { ShownDecision } from '@sluice/contracts';
import type { Command } from 'commander';
import { withApi } from '../connect.ts';
import { apiCommand, type ApiOptions } from '../options.ts';
import { plural, print } from '../output.ts';
import { describeDecision, renderTable, type Row } from '../render/result.ts';

interface WaitingPackage {
  purl: string;
  outcome: string | null;
  endedAt: string | null;
  decision: ShownDecision | null;
  reasons: { code: string; outcome: string; message: string }[];
}

/** `sluice review`: package versions that wait for a person, each with why. */
export function reviewCommand(program: Command): void {
  apiCommand(program, 'review')
    .description('list the package versions that wait for a person, with the reasons')
    .action((options: ApiOptions) =>
      withApi(options, async (api) => {
        const waiting = [
          ...(await api.pages<WaitingPackage>('/v1/packages?outcome=review&decision=none')),
          ...(await api.pages<WaitingPackage>('/v1/packages?decision=recalled')),
        ];
        print(options, { items: waiting }, ({ items }) => render(items));
      }),
    );
}

function render(waiting: WaitingPackage[]): string {
  if (waiting.length === 0) return 'Nothing waits for a person.\n';
  const columns = process.stdout.isTTY ? process.stdout.columns : 200;
  return `${renderTable(waiting.map(rowOf), columns)}

${plural(waiting.length, 'package version')} to review. Look closer with \`show <package>\`, then \`approve\` or \`reject <package> --reason <text>\`.
`;
}

function rowOf({ purl, outcome, decision, reasons }: WaitingPackage): Row {
  const why = reasons
    .filter((reason) => reason.outcome !== 'approve')
    .map(({ code, message }) => `${code}  ${message}`);
  if (decision) why.push(`decision.${decision.state}  ${describeDecision(decision)}`);
  return { subject: purl, outcome: outcome ?? 'waiting', why };
}
