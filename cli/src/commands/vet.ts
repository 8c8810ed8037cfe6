import { userInfo } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Item, RequestDetail } from '@sluice/api';
import { lanes } from '@sluice/contracts';
import { intakes } from '@sluice/ecosystems/intake';
import { formatIds, isDocument } from '@sluice/intake';
import { Option, type Command } from 'commander';
import pc from 'picocolors';
import type { ApiClient } from '../api-client.ts';
import { platforms, seconds } from '../arguments.ts';
import { say, withApi } from '../connect.ts';
import { currentPlatform } from '../current-platform.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { refuseOtherManifest } from '../compare-manifest.ts';
import { refuseOtherRegistry } from '../compare-registries.ts';
import { apiCommand, scoped, type ApiOptions, type ScopeOptions } from '../options.ts';
import { print } from '../output.ts';
import { readLockfile } from '../read-lockfile.ts';
import { ProgressLine } from '../render/progress.ts';
import { attentionRows, needsAttention, renderSummary, renderTable } from '../render/result.ts';

interface VetOptions extends ApiOptions, ScopeOptions {
  timeout: number;
  requester?: string;
  lane: string;
  label: string[];
  platform?: string[];
  inputFormat?: string;
}

/** Often enough to look live, seldom enough to cost nothing. */
const pollMs = 300;

/** `sluice vet <lockfile>`: submits, waits, lists items that need attention; the exit code tells the result. */
export function vetCommand(program: Command): void {
  scoped(apiCommand(program, 'vet'))
    .argument('<lockfile>', 'a lockfile, an SBOM or a list of purls')
    .description('submit a lockfile, wait, and show what needs attention')
    .option(
      '--input-format <name>',
      `read the file as this format, whatever its content and name: ${formatIds(intakes).join(', ')}`,
    )
    .addOption(
      new Option('--timeout <seconds>', 'give up waiting after this long').default(1_800).argParser(seconds),
    )
    .option('--requester <name>', 'who asks')
    .addOption(
      new Option('--lane <lane>', 'bulk for what nobody waits for').choices(lanes).default('interactive'),
    )
    .option('--label <name=value>', 'may be repeated', (label: string, all: string[]) => [...all, label], [])
    .option(
      '--platform <platform>',
      'current, all or os-cpu such as linux-x64: leave out what only others install; may be repeated (default: all)',
      platforms,
    )
    .action(async (lockfile: string, options: VetOptions) => {
      process.exitCode = await vet(lockfile, options);
    });
}

async function vet(lockfile: string, options: VetOptions): Promise<number> {
  const content = await readLockfile(lockfile);
  const { inputFormat: format } = options;
  const filename = path.basename(lockfile);
  if (!isDocument(content, { intakes, filename, format: format ?? null })) {
    await refuseOtherManifest(lockfile, content);
    await refuseOtherRegistry(lockfile, content);
  }
  const named = await Promise.all(
    (options.platform ?? []).map(async (name) =>
      name === 'current' ? await currentPlatform(lockfile) : name,
    ),
  );
  return withApi(options, async (api) => {
    const requester = options.requester ?? userInfo().username;
    const { id } = await api.submit(content, {
      filename,
      ...(format === undefined ? {} : { format }),
      requester,
      lane: options.lane,
      labels: options.label,
      platforms: named,
      ...(options.scope === undefined ? {} : { scope: options.scope }),
    });
    say(`Request ${id}`);
    const request = await whileGoingOn(id, () => waitForCompletion(api, id, options.timeout * 1000));
    const items = await api.items(id);
    print(options, { request, items }, renderResult);
    // A request that failed may have no items that could need attention.
    return request.state === 'failed' || items.some(needsAttention) ? exitCodes.attention : exitCodes.ok;
  });
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
export async function waitForCompletion(
  api: ApiClient,
  id: string,
  timeoutMs: number,
): Promise<RequestDetail> {
  const deadline = Date.now() + timeoutMs;
  const progress = new ProgressLine();
  try {
    for (;;) {
      const request = await api.request(id);
      progress.show(request);
      if (['completed', 'cancelled', 'failed'].includes(request.state)) return request;
      if (Date.now() > deadline) {
        throw new CommandError(
          exitCodes.timeout,
          `Request ${id} is not completed after ${timeoutMs / 1000} s: ${request.endedItems} of ${request.itemCount} ended.`,
          `The work goes on; look again with: npm run sluice -- status ${id}`,
          { code: 'request.not-completed' },
        );
      }
      await delay(pollMs);
    }
  } finally {
    progress.end();
  }
}

/** The table of items that need attention, and the summary. */
export function renderResult({ request, items }: { request: RequestDetail; items: Item[] }): string {
  const rows = attentionRows(items);
  const columns = process.stdout.isTTY ? process.stdout.columns : 200;
  const table = renderTable(rows, columns, pc.isColorSupported && process.stdout.isTTY);
  return `${rows.length > 0 ? `${table}\n\n` : ''}${renderSummary(request, items)}\n`;
}
