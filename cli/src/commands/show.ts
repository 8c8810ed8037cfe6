import type { ShownDecision } from '@sluice/contracts';
import type { Command } from 'commander';
import type { LastError } from '../api-client.ts';
import { standing } from '../render/items.ts';
import { describeDecision } from '../render/result.ts';
import { printable } from '../render/printable.ts';
import { packageVersion } from '../arguments.ts';
import { withApi, type ServerOptions } from '../connect.ts';

interface PackageView {
  purl: string;
  state: string;
  stage: string | null;
  outcome: string | null;
  traceId: string | null;
  verdict: { reasons: { code: string; outcome: string; message: string; remedy: string }[] } | null;
  decision: ShownDecision | null;
  failure: { stage: string; code: string; detail: string } | null;
  attempt: number;
  queuePosition: number | null;
  lastError: LastError | null;
  failedTries: FailedTry[];
  timeline: { at: string; sequence: number; type: string; data: Record<string, unknown> }[];
}

interface FailedTry {
  at: string;
  assessmentAttempt: number;
  stage: string;
  stageAttempt: number | null;
  counted: boolean;
  code: string;
  detail: string;
  worker: string | null;
  nextTryAt: string | null;
}

/** `sluice show <purl>`: verdict, decision and timeline of a package version. */
export function showCommand(program: Command): void {
  program
    .command('show')
    .argument('<package>', 'for instance lodash@4.17.21, or a purl', packageVersion)
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

function render(found: PackageView): string {
  const { purl, state, outcome, verdict, decision, failure, timeline, traceId } = found;
  const lines = [
    `${purl}: ${state}${found.stage ? `, ${standing({ ...found, state: found.stage })}` : ''}${outcome ? `, verdict ${outcome}` : ''}`,
  ];
  if (failure) lines.push(`Failed in ${failure.stage}: ${failure.code}  ${failure.detail}`);
  if (decision) lines.push(`${decision.state} at ${decision.at} ${describeDecision(decision)}`);
  for (const reason of verdict?.reasons ?? []) {
    lines.push(
      `  ${reason.outcome.padEnd(7)}  ${reason.code}  ${reason.message}`,
      `           → ${reason.remedy}`,
    );
  }
  if (found.failedTries.length > 0) lines.push('', 'Failed tries', ...found.failedTries.map(describeTry));
  lines.push('', 'Timeline');
  for (const { at, sequence, type, data } of timeline)
    lines.push(`  ${at}  #${sequence}  ${type}  ${JSON.stringify(data)}`);
  if (traceId) lines.push('', `Trace ${traceId}; see it with: npm run sluice -- trace ${traceId}`);
  return `${lines.map(printable).join('\n')}\n`;
}

/** When, which attempt, by whom, why, and when again. */
function describeTry(failed: FailedTry): string {
  const { at, assessmentAttempt, stage, stageAttempt, counted, code, detail, worker, nextTryAt } = failed;
  const run = assessmentAttempt > 1 ? `, run ${assessmentAttempt}` : '';
  const attempt =
    stageAttempt === null ? '' : ` attempt ${stageAttempt}${counted ? '' : ' (does not count)'}`;
  const next = nextTryAt === null ? 'not tried again' : `next try ${nextTryAt}`;
  return `  ${at}  ${stage}${attempt}${run}${worker ? ` on ${worker}` : ''}: ${code}  ${detail}; ${next}`;
}
