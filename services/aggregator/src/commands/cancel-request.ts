import { PermanentError, type CancelInput, type CancelOutput, type Lane } from '@sluice/contracts';
import { addToOutbox, recordAudit } from '@sluice/delivery';
import type { Tx } from '@sluice/postgres';
import { assessmentColumns, type Assessment } from '../assessments/assessment.ts';
import { endItems } from '../requests/credit-items.ts';
import type { AggregatorDeps } from '../deps.ts';
import { cancelledPackageFact } from '../facts/package-facts.ts';
import { cancelledFact } from '../facts/request-facts.ts';
import { transact } from '../transact.ts';

/**
 * Cancels a request: its open items end as cancelled, and assessments that no other item waits for are dropped by
 * the stages at their next safe point. Cancelling it again changes nothing.
 * @throws PermanentError `request.not-found`, `request.ended`.
 */
export async function cancelRequest(input: CancelInput, deps: AggregatorDeps): Promise<CancelOutput> {
  const { requestId } = input;
  const cancelled = await transact(deps, 'command cancel', async (tx) => {
    const now = deps.now();
    // Assessments, then items, then their request, as everywhere: otherwise two transactions could wait for each other.
    await tx`
      select from assessments where state in ('waiting', 'running') and purl in (
        select purl from items where request_id = ${requestId} and outcome is null) order by id for update`;
    const items = await tx<{ ordinal: number; purl: string }[]>`
      select ordinal, purl from items where request_id = ${requestId} and outcome is null order by ordinal for update`;
    const request = await lockRequest(tx, requestId);
    if (request.state === 'cancelled') return { items: 0, dropped: [], begun: [] };
    if (request.state !== 'open')
      throw new PermanentError('request.ended', `Request ${requestId} is ${request.state}.`);
    await tx`update requests set state = 'cancelled' where id = ${requestId}`;
    const ended = items.map(({ ordinal }) => ({
      requestId,
      ordinal,
      assessmentId: null,
      outcome: 'cancelled' as const,
      reasons: [],
    }));
    const messages = [cancelledFact(request, input, now), ...(await endItems(tx, ended, now))];
    const dropped = await dropUnwanted(
      tx,
      items.map(({ purl }) => purl),
      now,
    );
    // Of an assessment whose turn has not come, no event has told.
    const begun = dropped.filter(({ state }) => state === 'running');
    messages.push(...begun.map((assessment) => cancelledPackageFact(assessment, now)));
    const { by: actor, reason } = input;
    const detail = { reason, items: items.length, assessments: dropped.length };
    await recordAudit(tx, 'aggregator', { actor, action: 'cancel', subject: requestId, detail });
    await addToOutbox(tx, messages);
    return { items: items.length, dropped, begun };
  });
  await deps.drop(cancelled.begun.map(({ id }) => id));
  return { requestId, items: cancelled.items, assessments: cancelled.dropped.length };
}

interface LockedRequest {
  id: string;
  state: 'open' | 'completed' | 'cancelled' | 'failed';
  lane: Lane;
  scope: string;
  traceparent: string | null;
}

/** @throws PermanentError `request.not-found`. */
export async function lockRequest(tx: Tx, id: string): Promise<LockedRequest> {
  const [request] = await tx<LockedRequest[]>`
    select id, state, lane, scope, traceparent from requests where id = ${id} for update`;
  if (!request) throw new PermanentError('request.not-found', `No request has the id ${id}.`);
  return request;
}

/** Ends the assessments in flight of these package versions that no open item waits for, and no replay. */
async function dropUnwanted(tx: Tx, purls: string[], now: Date): Promise<Assessment[]> {
  // Locked first and looked at after: a request that is joining one of them right now is then seen, or waits for us.
  await tx`
    select from assessments where state in ('waiting', 'running') and purl = any(${purls}::text[]) order by id for update`;
  const unwanted = await tx<Assessment[]>`
    select ${tx.unsafe(assessmentColumns)} from assessments a
    where state in ('waiting', 'running') and purl = any(${purls}::text[]) and replay_id is null
      and not exists (select from items i where i.purl = a.purl and i.outcome is null)`;
  await tx`
    update assessments set state = 'cancelled', ended_at = ${now}
    where id = any(${unwanted.map((assessment) => assessment.id)}::uuid[])`;
  return unwanted;
}
