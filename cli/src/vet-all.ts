import type { Item, ReportFormat, RequestDetail } from '@sluice/api';
import type { ApiClient } from './api-client.ts';
import { say } from './connect.ts';
import { currentPlatform } from './current-platform.ts';
import { CommandError, exitCodes } from './exit-codes.ts';
import type { ApiOptions } from './options.ts';
import type { SubmissionOptions } from './submission-options.ts';
import { pollUntil } from './poll-until.ts';
import { ProgressLine } from './render/progress.ts';
import { needsAttention } from './render/result.ts';
import type { VetInput } from './vet-inputs.ts';

export interface VetOptions extends ApiOptions, SubmissionOptions {
  inputFormat?: string;
  format?: ReportFormat;
  output?: string;
}

/** The result of one file: its request with all items, or the error that kept it from one. */
export type Vetted = { path: string } & ({ request: RequestDetail; items: Item[] } | { error: CommandError });

/** Submits all files, then waits for each: they are assessed side by side. */
export async function vetAll(
  api: ApiClient,
  inputs: VetInput[],
  isFolder: boolean,
  options: VetOptions,
): Promise<Vetted[]> {
  // Of several files, one that fails does not keep the others from their results.
  const attempt = async <Result>(path: string, work: () => Promise<Result>) => {
    try {
      return await work();
    } catch (error) {
      if (!isFolder || !(error instanceof CommandError) || error.exitCode === exitCodes.server) throw error;
      return { path, error };
    }
  };
  const deadline = Date.now() + options.timeout * 1000;
  const submitted = [];
  for (const input of inputs)
    submitted.push(await attempt(input.path, () => submitInput(api, input, options)));
  const results: Vetted[] = [];
  for (const one of submitted) {
    if ('error' in one) results.push(one);
    else
      results.push(
        await attempt(one.path, async () => {
          const { id, path } = one;
          const request = await whileGoingOn(id, () => waitForCompletion(api, id, deadline - Date.now()));
          return { path, request, items: await api.items(id) };
        }),
      );
  }
  return results;
}

async function submitInput(
  api: ApiClient,
  input: VetInput,
  options: VetOptions,
): Promise<{ path: string; id: string }> {
  if ('error' in input) throw input.error;
  const { path, content, filename } = input;
  const platforms = await Promise.all(
    (options.platform ?? []).map(async (name) => (name === 'current' ? await currentPlatform(path) : name)),
  );
  const { id } = await api.submit(content, {
    ...(filename === undefined ? {} : { filename }),
    ...(options.inputFormat === undefined ? {} : { format: options.inputFormat }),
    requester: options.requester,
    lane: options.lane,
    labels: options.label,
    platforms,
    ...(options.scope === undefined ? {} : { scope: options.scope }),
  });
  say(filename === undefined || !filename.includes('/') ? `Request ${id}` : `Request ${id} for ${path}`);
  return { path, id };
}

/** 0 only when every file was judged and nothing in any of them needs attention; else the gravest code of a file. */
export function exitCodeOf(results: readonly Vetted[]): number {
  const codes = results.map((result) => {
    if ('error' in result) return result.error.exitCode;
    const { request, items } = result;
    // A request that failed may have no items that could need attention.
    return request.state === 'failed' || items.some(needsAttention) ? exitCodes.attention : exitCodes.ok;
  });
  const gravest = [exitCodes.timeout, exitCodes.usage, exitCodes.attention];
  return gravest.find((code) => codes.includes(code)) ?? exitCodes.ok;
}

/** Says at Ctrl-C that the work goes on, and how to look at it again. */
async function whileGoingOn<Result>(id: string, wait: () => Promise<Result>): Promise<Result> {
  const interrupted = () => {
    say(`\nThe request is kept, and goes on while Sluice runs: npm run sluice -- status ${id}`);
    // A stack that was started for this command is stopped by its own listener; a gateway elsewhere needs nothing.
    if (process.listenerCount('SIGINT') === 0) process.exit(130);
  };
  process.prependOnceListener('SIGINT', interrupted);
  try {
    return await wait();
  } finally {
    process.off('SIGINT', interrupted);
  }
}

/** Follows a request until its last item ended. @throws CommandError with exit code 3 after the timeout. */
async function waitForCompletion(api: ApiClient, id: string, timeoutMs: number): Promise<RequestDetail> {
  const progress = new ProgressLine();
  const read = async () => {
    const request = await api.request(id);
    progress.show(request);
    return request;
  };
  try {
    return await pollUntil(read, {
      isDone: ({ state }) => ['completed', 'cancelled', 'failed'].includes(state),
      timeoutMs,
      late: ({ endedItems, itemCount }) => ({
        message: `Request ${id} is not completed in the given time: ${endedItems} of ${itemCount} ended.`,
        lookAgain: `status ${id}`,
        code: 'request.not-completed',
      }),
    });
  } finally {
    progress.end();
  }
}
