import type { Tx } from '@sluice/postgres';

/** A request that could not be taken in: it ended, and whatever items of it are known ended with it. */
export async function failRequest(
  tx: Tx,
  requestId: string,
  failure: { code: string; detail: string },
): Promise<void> {
  await tx`
    update requests set failure = ${JSON.stringify(failure)}::text::jsonb, ended_items = item_count,
      counts = case when item_count > 0 then jsonb_build_object('failed', item_count) else '{}' end
    where id = ${requestId}`;
  await failItems(tx, requestId);
}

export async function hasFailed(tx: Tx, requestId: string): Promise<boolean> {
  const rows = await tx`select from requests where id = ${requestId} and failure is not null`;
  return rows.length > 0;
}

/** Ends the open items of a request that failed, for the request's own reason; they are counted already. */
export async function failItems(tx: Tx, requestId: string): Promise<void> {
  await tx`
    update request_items i set outcome = 'failed', ended_at = r.completed_at, reasons = jsonb_build_array(
      jsonb_build_object('code', r.failure ->> 'code', 'message', r.failure ->> 'detail'))
    from requests r where r.id = ${requestId} and i.request_id = r.id and i.outcome is null`;
}
