import type { Queue, QueuePage } from '@sluice/api';

/** One look at all queues. */
export interface QueueSample extends Pick<QueuePage, 'deadLetters' | 'circuits' | 'bulk'> {
  queues: Queue[];
}
