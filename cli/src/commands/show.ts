import type { Command } from 'commander';
import { printable } from '../render/printable.ts';
import { withApi, type ServerOptions } from '../connect.ts';

interface PackageView {
  purl: string;
  state: string;
  stage: string | null;
  outcome: string | null;
  traceId: string | null;
  verdict: { reasons: { code: string; outcome: string; message: string; remedy: string }[] } | null;
  decision: { state: string; by: { kind: string; name: string }; reason: string; at: string } | null;
  failure: { stage: string; code: string; detail: string } | null;
  timeline: { at: string; sequence: number; type: string; data: Record<string, unknown> }[];
}

/** `sluice show <purl>`: verdict, decision and timeline of a package version. */
export function showCommand(program: Command): void {
  program
    .command('show')
    .argument('<purl>', 'for instance pkg:npm/lodash@4.17.21')
    .description('show verdict, decision and timeline of a package version')
    .option('--server <url>', 'a gateway elsewhere; the stack of this folder otherwise')
    .option('--json', 'print everything, evidence included, as JSON')
    .action((purl: string, options: ServerOptions & { json?: boolean }) =>
      withApi(options, async (api) => {
        const found = await api.call<PackageView>('GET', `/v1/packages/${encodeURIComponent(purl)}`);
        process.stdout.write(options.json ? `${JSON.stringify(found, null, 2)}\n` : render(found));
      }),
    );
}

function render({
  purl,
  state,
  stage,
  outcome,
  verdict,
  decision,
  failure,
  timeline,
  traceId,
}: PackageView): string {
  const lines = [
    `${purl}: ${state}${stage ? `, waits for ${stage}` : ''}${outcome ? `, verdict ${outcome}` : ''}`,
  ];
  if (failure) lines.push(`Failed in ${failure.stage}: ${failure.code}  ${failure.detail}`);
  if (decision) lines.push(`${decision.state} by ${decision.by.name} at ${decision.at}: ${decision.reason}`);
  for (const reason of verdict?.reasons ?? []) {
    lines.push(
      `  ${reason.outcome.padEnd(7)}  ${reason.code}  ${reason.message}`,
      `           → ${reason.remedy}`,
    );
  }
  lines.push('', 'Timeline');
  for (const { at, sequence, type, data } of timeline)
    lines.push(`  ${at}  #${sequence}  ${type}  ${JSON.stringify(data)}`);
  if (traceId) lines.push('', `Trace ${traceId}; see it with: npm run sluice -- trace ${traceId}`);
  return `${lines.map(printable).join('\n')}\n`;
}
