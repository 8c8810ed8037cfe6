import type { SluiceEvent } from '@sluice/contracts';
import type { Tx } from '@sluice/postgres';
import { addRows } from '../add-rows.ts';
import type { ProjectedEvent } from '../projected-event.ts';
import type { Write } from '../write.ts';

/** The early events of the requests that a batch submits, in their order, by the request's id in lower case. */
export async function loadEarly(tx: Tx, events: ProjectedEvent[]): Promise<Map<string, ProjectedEvent[]>> {
  const ids = events.filter(({ event }) => event.type === 'request.submitted').map(requestOf);
  const early = new Map<string, ProjectedEvent[]>();
  if (ids.length === 0) return early;
  const rows = await tx<(ProjectedEvent & { id: string })[]>`
    select request_id as id, position, sequence, trace_id as "traceId", event
    from early_events join unnest(${ids}::uuid[]) as submitted (id) on submitted.id = request_id order by position`;
  for (const { id, ...projected } of rows) addTo(early, id, projected);
  return early;
}

export interface RequestEvents {
  /** Each request's events after its submission. */
  events: ProjectedEvent[];
  /** Events that came before the submission, which is not in the batch either. */
  early: ProjectedEvent[];
}

/**
 * Puts the events about requests of a batch behind the submissions of their requests. Pure.
 * @param isStored whether a request, by id in lower case, was there before the batch.
 * @param stored result of `loadEarly` for the batch.
 */
export function afterSubmission(
  events: ProjectedEvent[],
  isStored: (id: string) => boolean,
  stored: ReadonlyMap<string, ProjectedEvent[]>,
): RequestEvents {
  const submitted = new Set<string>();
  const waiting = new Map<string, ProjectedEvent[]>();
  const ordered: ProjectedEvent[] = [];
  for (const projected of events) {
    if (!projected.event.type.startsWith('request.')) continue;
    const id = requestOf(projected);
    if (isStored(id) || submitted.has(id)) ordered.push(projected);
    else if (projected.event.type === 'request.submitted') {
      submitted.add(id);
      ordered.push(projected, ...(stored.get(id) ?? []), ...(waiting.get(id) ?? []));
      waiting.delete(id);
    } else addTo(waiting, id, projected);
  }
  return { events: ordered, early: [...waiting.values()].flat() };
}

/**
 * Keeps a batch's early events, and forgets those whose request was submitted.
 * @param stored result of `loadEarly` for the batch.
 */
export function keepEarly(
  tx: Tx,
  early: ProjectedEvent[],
  stored: ReadonlyMap<string, ProjectedEvent[]>,
): Write[] {
  const ids = [...stored.keys()];
  return [
    ...addRows(
      tx,
      'early_events',
      ['request_id', 'position', 'sequence', 'trace_id', 'event'],
      early.map((projected) => {
        const { position, sequence, traceId, event } = projected;
        return [requestOf(projected), position, sequence, traceId, event satisfies SluiceEvent];
      }),
    ),
    ...(ids.length > 0
      ? [{ send: () => tx`delete from early_events where request_id = any(${ids}::uuid[])` }]
      : []),
  ];
}

const requestOf = ({ event }: ProjectedEvent) => event.subject.toLowerCase();

function addTo(lists: Map<string, ProjectedEvent[]>, id: string, projected: ProjectedEvent): void {
  const list = lists.get(id);
  if (list) list.push(projected);
  else lists.set(id, [projected]);
}
