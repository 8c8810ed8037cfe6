import type { Command } from 'commander';
import { withApi, type ServerOptions } from '../connect.ts';
import { renderItems } from '../render/items.ts';
import { progressText } from '../render/progress.ts';
import { renderCircuits, renderControls, renderWaits } from '../render/waits.ts';
import type { Queue } from './system.ts';
import { printResult } from './vet.ts';
import type { ApiClient, RequestDetail } from '../api-client.ts';

/** `sluice status [request]`: how far requests are. */
export function statusCommand(program: Command): void {
  program
    .command('status')
    .argument('[request]', 'id of a request; the newest ones otherwise')
    .description('show how far a request is, or the newest requests')
    .option('--server <url>', 'a gateway elsewhere; the stack of this folder otherwise')
    .option(
      '--items',
      'show where each item stands: stage, place in its queue, attempt, next try, last error',
    )
    .option('--json', 'print JSON')
    .action((id: string | undefined, options: ServerOptions & { json?: boolean; items?: boolean }) =>
      withApi(options, async (api) => {
        if (id === undefined) {
          const page = await api.call<{ items: RequestDetail[] }>('GET', '/v1/requests?limit=20');
          if (options.json) return print(page);
          for (const request of page.items) {
            process.stdout.write(
              `${request.id}  ${request.state.padEnd(9)}  ${request.requester}  ${progressText({ ...request, open: {}, ratePerSecond: null, etaSeconds: null })}\n`,
            );
          }
          if (page.items.length === 0) process.stdout.write('There are no requests yet.\n');
          process.stdout.write(await heldText(api));
          process.stdout.write(`Advisories: ${await advisoriesText(api)}.\n`);
          return undefined;
        }
        const request = await api.request(id);
        const items = await api.items(id);
        if (options.json) return print({ request, items });
        if (request.endedItems < request.itemCount) {
          process.stdout.write(`${progressText(request)}\n${renderWaits(request.waitsFor ?? [])}`);
        }
        if (options.items) process.stdout.write(`${renderItems(items)}\n\n`);
        printResult(request, items);
        return undefined;
      }),
    );
}

/** How old the advisories are and how their last refresh went, as readiness tells it; unknown while it is not ready. */
async function advisoriesText(api: ApiClient): Promise<string> {
  type Readiness = { checks: Record<string, { detail?: string }> };
  const readiness = await api.call<Readiness>('GET', '/readyz').catch(() => null);
  return readiness?.checks['advisories']?.detail?.replace(/\.$/, '') ?? 'unknown';
}

/** What is paused, drained or waited for; nothing while that cannot be told. */
async function heldText(api: ApiClient): Promise<string> {
  const queue = await api.call<Queue>('GET', '/v1/queue').catch(() => null);
  return renderControls(queue?.controls ?? []) + renderCircuits(queue?.circuits ?? []);
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
