import type { Tx } from '@sluice/postgres';
import { ofType, type ProjectedEvent } from '../projected-event.ts';
import type { Write } from '../write.ts';
import { failItems } from './failed-requests.ts';
import { endItems, reopenItems } from './request-items.ts';
import type { RequestLists } from './request-lists.ts';
import { toRequestSteps, type RequestStep } from './request-steps.ts';
import { insertRequests, redriveRequests } from './submitted-requests.ts';

/**
 * Brings `requests` and `request_items` up to date with a batch of events.
 * @param isStored whether a request, by id in lower case, was there before the batch.
 */
export function projectRequests(
  tx: Tx,
  events: ProjectedEvent[],
  lists: RequestLists,
  isStored: (id: string) => boolean,
): Write[] {
  return toRequestSteps(events, isStored).flatMap((step) => writeStep(tx, step, lists));
}

function writeStep(tx: Tx, { kind, events }: RequestStep, lists: RequestLists): Write[] {
  switch (kind) {
    case 'request.submitted':
      return insertRequests(tx, events, lists);
    case 'redriven':
      return redriveRequests(tx, events, lists);
    case 'request.progressed':
      return endItems(
        tx,
        ofType(events, kind).map(({ event }) => event.data),
      );
    case 'request.completed':
      return completeRequests(tx, events);
    case 'request.cancelled':
      return ofType(events, kind).map(({ event: { data } }) => ({
        send: () => tx`update requests set cancelled_at = ${data.at} where id = ${data.requestId}`,
      }));
    case 'request.lane-changed':
      return ofType(events, kind).map(({ event: { data } }) => ({
        send: () => tx`update requests set lane = ${data.lane} where id = ${data.requestId}`,
      }));
    case 'request.reopened':
      return ofType(events, kind).flatMap(({ event }) => reopenItems(tx, event.data));
    default:
      return [];
  }
}

/** Ends a round of requests, of each at most one. A request that could not be taken in ends whole, as failed. */
function completeRequests(tx: Tx, events: ProjectedEvent[]): Write[] {
  const completed = ofType(events, 'request.completed').map(({ event: { data } }) => {
    const { requestId, round = 1, completedAt, failure } = data;
    return { requestId, round, completedAt, failure };
  });
  const failed = completed.filter(({ failure }) => failure);
  const complete = () => tx`
    update requests r set completed_round = e.round, failure = e.failure,
      completed_at = case when r.round <= e.round then e."completedAt" else r.completed_at end,
      ended_items = case when e.failure is null then r.ended_items else r.item_count end,
      counts = case when e.failure is null then r.counts when r.item_count > 0 then jsonb_build_object('failed', r.item_count)
        else '{}' end
    from jsonb_to_recordset(${JSON.stringify(completed)}::text::jsonb) as e (
      "requestId" uuid, round int, "completedAt" timestamptz, failure jsonb)
    where r.id = e."requestId" and r.completed_round < e.round`;
  const fail = failed.map(({ requestId }) => ({ send: () => failItems(tx, requestId) }));
  return [{ send: complete }, ...fail];
}
