import { PermanentError, type RetryInput, type RetryOutput } from '@sluice/contracts';
import { addToOutbox, recordAudit, type OutboxMessage } from '@sluice/delivery';
import type { Tx } from '@sluice/postgres';
import { assessAll, wantIn, type Wanted } from '../assessments/assess-packages.ts';
import type { AggregatorDeps } from '../deps.ts';
import { reopenItems } from '../requests/reopen-items.ts';
import { reopenedFacts } from '../facts/request-facts.ts';
import { transact } from '../transact.ts';

interface FailedItem {
  requestId: string;
  ordinal: number;
  purl: string;
}

/**
 * Has failed items tried again: those of a request, of a batch, of a package version, or of everything that failed with a code or
 * in a stage. Their requests are opened again, except those that a person cancelled. An item that has not failed is
 * left alone, so repeating it changes nothing.
 * @throws PermanentError `request.not-found`, `batch.not-found`, `package.not-found` for a filter that names one that was never there.
 */
export async function retryFailed(input: RetryInput, deps: AggregatorDeps): Promise<RetryOutput> {
  return transact(deps, 'command retry', async (tx) => {
    const now = deps.now();
    await checkKnown(tx, input);
    await lockRunning(tx, input);
    const items = await lockFailed(tx, input, false);
    const skipped = (await lockFailed(tx, input, true)).length;
    const byRequest = new Map<string, FailedItem[]>();
    for (const item of items) byRequest.set(item.requestId, [...(byRequest.get(item.requestId) ?? []), item]);
    const messages: OutboxMessage[] = [];
    const wanted: Wanted = new Map();
    for (const [requestId, failed] of [...byRequest].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      const request = await reopenItems(
        tx,
        requestId,
        failed.map(({ ordinal }) => ({ ordinal, outcome: 'failed' })),
      );
      const ordinals = failed.map(({ ordinal }) => ordinal);
      messages.push(...reopenedFacts({ id: requestId, ...request }, input, request.round, ordinals, now));
      for (const { purl } of failed) wantIn(wanted, purl, request.lane, request.scope);
    }
    messages.push(...(await assessAll(tx, wanted, deps)));
    const { by: actor, reason, ...filter } = input;
    const packages = new Set(items.map(({ purl }) => purl)).size;
    const result = { items: items.length, requests: byRequest.size, packages, skipped };
    const subject = input.requestId ?? input.batchId ?? input.purl ?? 'failed items';
    await recordAudit(tx, 'aggregator', {
      actor,
      action: 'retry',
      subject,
      detail: { reason, filter, ...result },
    });
    await addToOutbox(tx, messages);
    return result;
  });
}

async function checkKnown(tx: Tx, { requestId, batchId = null, purl }: RetryInput): Promise<void> {
  const [known] = await tx<{ request: boolean; batch: boolean; package: boolean }[]>`
    select exists (select from requests where id = ${requestId}) as request,
      exists (select from batches where id = ${batchId}) as batch,
      exists (select from packages where purl = ${purl}) as package`;
  if (requestId !== null && !known!.request)
    throw new PermanentError('request.not-found', `No request has the id ${requestId}.`);
  if (batchId !== null && !known!.batch)
    throw new PermanentError('batch.not-found', `No batch has the id ${batchId}.`);
  if (purl !== null && !known!.package)
    throw new PermanentError('package.not-found', `${purl} was never requested.`);
}

/** @param cancelled true for items of cancelled requests, false for all others. */
function lockFailed(tx: Tx, input: RetryInput, cancelled: boolean): Promise<FailedItem[]> {
  return tx<FailedItem[]>`
    select i.request_id as "requestId", i.ordinal, i.purl ${failedItems(tx, input, cancelled)} for update of i`;
}

/** Assessments before items, as everywhere: those that the items will join. */
async function lockRunning(tx: Tx, input: RetryInput): Promise<void> {
  await tx`
    select from assessments where state in ('waiting', 'running') and purl in (select i.purl ${failedItems(tx, input, false)})
    order by id for update`;
}

function failedItems(
  tx: Tx,
  { requestId, batchId = null, purl, code, stage, limit }: RetryInput,
  cancelled: boolean,
): ReturnType<Tx> {
  return tx`
    from items i join requests r on r.id = i.request_id left join assessments a on a.id = i.assessment_id
    where i.outcome = 'failed' and r.state ${cancelled ? tx`= 'cancelled'` : tx`<> 'cancelled'`}
      ${requestId === null ? tx`` : tx`and i.request_id = ${requestId}`}
      ${batchId === null ? tx`` : tx`and r.batch_id = ${batchId}`}
      ${purl === null ? tx`` : tx`and i.purl = ${purl}`}
      ${code === null ? tx`` : tx`and a.failure ->> 'code' = ${code}`}
      ${stage === null ? tx`` : tx`and a.failure ->> 'stage' = ${stage}`}
    order by i.request_id, i.ordinal limit ${limit}`;
}
