import type { FetchedBytes, Queue, QueuePage } from '@sluice/api';
import type { WorkerState } from '@sluice/stages';

/** One look at all queues. */
export interface QueueSample extends Pick<QueuePage, 'deadLetters' | 'circuits' | 'bulk'> {
  queues: Queue[];
  workers: WorkerState[];
}

/** Archives that instances fetch, by package version: each lists the work that it began first, which takes longest. Pure. */
export function fetchedOf({ workers }: QueueSample): Map<string, NonNullable<FetchedBytes>> {
  const works = workers.flatMap(({ running }) => running);
  return new Map(works.flatMap(({ purl, bytes }) => (bytes ? [[purl, bytes]] : [])));
}
