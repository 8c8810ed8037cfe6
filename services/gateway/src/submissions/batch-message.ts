import { batchSubmitted, eventId, makeEvent, type EventData, type Lane } from '@sluice/contracts';
import { toMessage, type OutboxMessage } from '@sluice/delivery';

/** A batch as the gateway keeps it. */
export interface StoredBatch {
  id: string;
  lane: Lane;
  scope: string;
  requester: string;
  labels: Record<string, string>;
  platforms: string[];
  filename: string | null;
  upload: NonNullable<EventData<typeof batchSubmitted>['upload']>;
  submittedAt: Date;
}

/** The message that hands a batch to importer and aggregator; the same one, id included, each time that it is made. */
export function batchMessage({ id, submittedAt, ...batch }: StoredBatch): OutboxMessage {
  const event = makeEvent(batchSubmitted, {
    id: eventId(id, batchSubmitted.type, 1),
    source: 'gateway',
    subject: id,
    time: submittedAt,
    data: { batchId: id, ...batch, submittedAt: submittedAt.toISOString() },
  });
  return toMessage(event, { lane: batch.lane });
}
