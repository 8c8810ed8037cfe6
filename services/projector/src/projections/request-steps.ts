import type { ProjectedEvent } from '../projected-event.ts';

/** Events about requests that are written together. */
export interface RequestStep {
  /** An event type, or `redriven` for a request that was submitted before. */
  kind: string;
  events: ProjectedEvent[];
}

/**
 * Puts a batch of events into as few steps as there can be, to be taken one after the other. Events about different
 * requests have nothing to do with each other: each goes into the first step of its kind after the last one that its
 * request is in. So a request's own events keep their order, and are in a step once. Pure.
 * @param isStored whether a request, by id in lower case, was there before the batch.
 */
export function toRequestSteps(events: ProjectedEvent[], isStored: (id: string) => boolean): RequestStep[] {
  const steps: (RequestStep & { name: string })[] = [];
  const lastOf = new Map<string, number>();
  const submitted = new Set<string>();
  for (const projected of events) {
    const { type, subject, data } = projected.event;
    if (!type.startsWith('request.')) continue;
    const id = subject.toLowerCase();
    const last = lastOf.get(id);
    const isRedriven = type === 'request.submitted' && (isStored(id) || submitted.has(id));
    if (type === 'request.submitted') submitted.add(id);
    const kind = isRedriven ? 'redriven' : type;
    // Ended items are many: all progress events of one round are one step.
    const isProgress = type === 'request.progressed';
    const name = isProgress ? `${kind} ${(data as { round?: number }).round ?? 1}` : kind;
    const first = last === undefined ? 0 : last + (isProgress ? 0 : 1);
    let at = steps.findIndex((step, index) => index >= first && step.name === name);
    if (at < 0) at = steps.push({ name, kind, events: [] }) - 1;
    steps[at]!.events.push(projected);
    lastOf.set(id, at);
  }
  return steps.map(({ kind, events: together }) => ({ kind, events: together }));
}
