import { eventId, makeEvent, requestSubmitted, type Lane } from '@sluice/contracts';
import { toMessage, type OutboxMessage } from '@sluice/delivery';

/** A submission as the gateway keeps it. */
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
}

/** The message that hands a submission to the aggregator; the same one, id included, each time that it is made. */
export function submittedMessage({ id, submittedAt, ...submission }: StoredSubmission): OutboxMessage {
  const event = makeEvent(requestSubmitted, {
    id: eventId(id, requestSubmitted.type, 1),
    source: 'gateway',
    subject: id,
    time: submittedAt,
    data: { requestId: id, ...submission, submittedAt: submittedAt.toISOString() },
  });
  return toMessage(event, { lane: submission.lane });
}
