import type { Tx } from '@sluice/postgres';

export async function hasFailed(tx: Tx, requestId: string): Promise<boolean> {
  const rows = await tx`select from requests where id = ${requestId} and failure is not null`;
  return rows.length > 0;
}

/** Ends the open items of a request, if it failed, for the request's own reason; they are counted already. */
export function failItems(tx: Tx, requestId: string) {
  return tx`
    update request_items i set outcome = 'failed', ended_at = r.completed_at, reasons = jsonb_build_array(
      jsonb_build_object('code', r.failure ->> 'code', 'message', r.failure ->> 'detail'))
    from requests r where r.id = ${requestId} and r.failure is not null and i.request_id = r.id and i.outcome is null`;
}
