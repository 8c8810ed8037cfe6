import type { ShownDecision } from '@sluice/contracts';
import type { Command } from 'commander';
import { withApi, type ServerOptions } from '../connect.ts';
import { describeDecision, renderTable, type Row } from '../render/result.ts';
import type { ApiClient } from '../api-client.ts';

interface ReviewOptions extends ServerOptions {
  json?: boolean;
}

interface WaitingPackage {
  purl: string;
  outcome: string | null;
  endedAt: string | null;
  decision: ShownDecision | null;
  reasons: { code: string; outcome: string; message: string }[];
}

/** `sluice review`: package versions that wait for a person, each with why. */
export function reviewCommand(program: Command): void {
  program
    .command('review')
    .description('list the package versions that wait for a person, with the reasons')
    .option('--server <url>', 'a gateway elsewhere; the stack of this folder otherwise')
    .option('--json', 'print JSON')
    .action((options: ReviewOptions) =>
      withApi(options, async (api) => {
        const waiting = [
          ...(await packages(api, 'outcome=review&decision=none')),
          ...(await packages(api, 'decision=recalled')),
        ];
        process.stdout.write(
          options.json ? `${JSON.stringify({ items: waiting }, null, 2)}\n` : render(waiting),
        );
      }),
    );
}

/** All pages of a list of package versions. */
async function packages(api: ApiClient, filter: string): Promise<WaitingPackage[]> {
  const found: WaitingPackage[] = [];
  let cursor: string | null = null;
  do {
    const after: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: { items: WaitingPackage[]; nextCursor: string | null } = await api.call(
      'GET',
      `/v1/packages?${filter}&limit=500${after}`,
    );
    found.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return found;
}

function render(waiting: WaitingPackage[]): string {
  if (waiting.length === 0) return 'Nothing waits for a person.\n';
  const columns = process.stdout.isTTY ? process.stdout.columns : 200;
  return `${renderTable(waiting.map(rowOf), columns)}

${waiting.length} to review. Look closer with \`show <package>\`, then \`approve\` or \`reject <package> --reason <text>\`.
`;
}

function rowOf({ purl, outcome, decision, reasons }: WaitingPackage): Row {
  const why = reasons
    .filter((reason) => reason.outcome !== 'approve')
    .map(({ code, message }) => `${code}  ${message}`);
  if (decision) why.push(`decision.${decision.state}  ${describeDecision(decision)}`);
  return { subject: purl, outcome: outcome ?? 'waiting', why };
}
