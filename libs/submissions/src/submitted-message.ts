import { eventId, makeEvent, requestSubmitted, type Lane } from '@sluice/contracts';
import { toMessage, type OutboxMessage } from '@sluice/delivery';

/** A submission as the service keeps it that accepted it. */
export interface StoredSubmission {
  id: string;
  lane: Lane;
  scope: string;
  requester: string;
  labels: Record<string, string>;
  platforms: string[];
  format: string;
  filename: string | null;
  itemCount: number;
  entryCount: number;
  listDigest: string;
  submittedAt: Date;
  /** The batch that it is part of; null for none. */
  batchId: string | null;
}

/**
 * The message that hands a submission to the aggregator; the same one, id included, each time that it is made.
 * @param source the service that accepted it.
 */
export function submittedMessage(
  { id, submittedAt, batchId, ...submission }: StoredSubmission,
  source: string,
): OutboxMessage {
  const event = makeEvent(requestSubmitted, {
    id: eventId(id, requestSubmitted.type, 1),
    source,
    subject: id,
    time: submittedAt,
    data: {
      requestId: id,
      ...submission,
      submittedAt: submittedAt.toISOString(),
      ...(batchId === null ? {} : { batchId }),
    },
  });
  return toMessage(event, { lane: submission.lane });
}
