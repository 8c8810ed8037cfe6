import {
  queuePageSchema,
  readinessSchema,
  requestPageSchema,
  type Item,
  type RequestDetail,
} from '@sluice/api';
import type { Command } from 'commander';
import type { ApiClient } from '../api-client.ts';
import { requestId } from '../arguments.ts';
import { withRunningApi } from '../connect.ts';
import { apiCommand, inScope, type ApiOptions, type ScopeOptions } from '../options.ts';
import { print } from '../output.ts';
import { renderItems } from '../render/items.ts';
import { progressText } from '../render/progress.ts';
import { renderRequests } from '../render/requests.ts';
import { renderCircuits, renderControls, renderWaits } from '../render/waits.ts';
import { renderResult } from '../render/results.ts';

interface StatusOptions extends ApiOptions, ScopeOptions {
  items?: boolean;
}

/** The newest requests; an older one is found by its id. */
const shownMax = 20;

/** `sluice status [request]`: how far requests are. */
export function statusCommand(program: Command): void {
  apiCommand(program, 'status')
    .argument('[request]', 'id of a request; the newest ones otherwise', requestId)
    .description('show how far a request is, or the newest requests')
    .option(
      '--items',
      'show where each item stands: stage, place in its queue, attempt, next try, last error',
    )
    .option('--scope <name>', 'only requests of this scope')
    .action((id: string | undefined, options: StatusOptions) =>
      withRunningApi(options, async (api) => {
        if (id === undefined) return await showNewest(api, options);
        const [request, items] = await Promise.all([api.request(id), api.items(id)]);
        return print(options, { request, items }, (found) => renderOne(found, options.items ?? false));
      }),
    );
}

async function showNewest(api: ApiClient, options: StatusOptions): Promise<void> {
  const page = await api.get(requestPageSchema, inScope(`/v1/requests?limit=${shownMax}`, options));
  if (options.json) return print(options, page, String);
  const [held, advisories] = await Promise.all([heldText(api), advisoriesText(api)]);
  return print(options, page, ({ items }) => `${renderRequests(items)}${held}Advisories: ${advisories}.\n`);
}

function renderOne({ request, items }: { request: RequestDetail; items: Item[] }, each: boolean): string {
  const isOpen = request.endedItems < request.itemCount;
  const progress = isOpen ? `${progressText(request)}\n${renderWaits(request.waitsFor)}` : '';
  return `${progress}${each ? `${renderItems(items)}\n\n` : ''}${renderResult({ request, items })}`;
}

/** How old the advisories are and how their last refresh went, as readiness tells it; unknown while it is not ready. */
async function advisoriesText(api: ApiClient): Promise<string> {
  const readiness = await api.get(readinessSchema, '/readyz').catch(() => null);
  return readiness?.checks['advisories']?.detail?.replace(/\.$/, '') ?? 'unknown';
}

/** Controls and open circuits as text; empty while the queue cannot be read. */
async function heldText(api: ApiClient): Promise<string> {
  const queue = await api.get(queuePageSchema, '/v1/queues').catch(() => null);
  return renderControls(queue?.controls ?? []) + renderCircuits(queue?.circuits ?? []);
}
