import type { BatchOpened } from '../batches/batch-facts.ts';
import { countsOf, noFiles, nothingOpened } from '../batches/describe-opened.ts';
import { saveOpened, storeFiles } from '../batches/save-opened.ts';
import { failpoint } from '@sluice/runtime';
import type { ImporterDeps } from '../deps.ts';
import { transact } from '../transact.ts';
import { endRefresh } from './end-refresh.ts';
import type { QueuedRefresh, ReadResult } from './queued-refresh.ts';

/**
 * Keeps the result of reading a repository, in one transaction with the opening of its batch: its requests begin, or it has ended.
 * A refresh that ended meanwhile stays as it is.
 */
export async function saveRefresh(
  refresh: QueuedRefresh,
  result: ReadResult,
  deps: ImporterDeps,
): Promise<void> {
  const { id, lane, scope, by, labels, requestedAt } = refresh;
  failpoint('effect-done');
  const found = result.kind === 'read' ? result.found : null;
  const failure = result.kind === 'failed' ? result.failure : found && noFiles(found.opened);
  const filesDigest = found && (await storeFiles(found.opened.files, deps));
  const commit = result.kind === 'failed' ? null : result.commit;
  await transact(deps, async (tx) => {
    const [queued] = await tx`select 1 from refreshes where id = ${id} and state = 'queued' for update`;
    if (!queued) return;
    const now = deps.now();
    const told: BatchOpened = {
      batchId: id,
      lane,
      scope,
      ...nothingOpened,
      ...(found ? { ...countsOf(found.opened), filesDigest } : {}),
      opening: 1,
      openedAt: now.toISOString(),
      ...(failure ? { failure } : {}),
    };
    const batch = { id, lane, scope, requester: by, labels, platforms: [], submittedAt: requestedAt };
    await saveOpened(tx, batch, told, found?.opened.requests ?? []);
    await tx`
      update refreshes set state = 'open', opened_at = ${now}, to_commit = ${commit}, request_count = ${told.requestCount},
        stands_on = ${result.kind === 'unchanged' ? result.standsOn : id}, is_unchanged = ${result.kind === 'unchanged'},
        inventory = ${found && JSON.stringify(found.inventory)}::text::jsonb,
        plan = ${found?.plan ? JSON.stringify(found.plan) : null}::text::jsonb
      where id = ${id}`;
    if (result.kind === 'unchanged') await takeOver(tx, id, result.standsOn);
    if (result.kind === 'unchanged')
      await endRefresh(tx, id, { state: 'completed', counts: null, at: now, round: 1 });
    if (failure) await endRefresh(tx, id, { state: 'failed', counts: {}, failure, at: now, round: 1 });
  });
}

/** Inventory and counts of an unchanged commit are those of the refresh that it stands on. */
async function takeOver(tx: Parameters<typeof saveOpened>[0], id: string, standsOn: string): Promise<void> {
  await tx`
    update refreshes r set inventory = s.inventory, plan = s.plan, counts = s.counts, request_count = s.request_count
    from refreshes s where r.id = ${id} and s.id = ${standsOn}`;
}
