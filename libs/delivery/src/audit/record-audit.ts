import { auditRecorded, boundedText, makeEvent, uuidV7, type AuditEntry } from '@sluice/contracts';
import type { Tx } from '@sluice/postgres';
import { addToOutbox } from '../outbox/outbox.ts';
import { toMessage } from '../outbox/to-message.ts';

export type Act = Pick<AuditEntry, 'actor' | 'action' | 'subject' | 'detail'> & {
  outcome?: AuditEntry['outcome'];
};

/** A detail beyond this stays in the table alone: a discarded dead letter is kept whole there. */
const eventDetailMaxBytes = 16 * 1024;
/** A purl is the longest subject. */
const subjectMaxChars = 1_000;

/**
 * Records an act in the transaction of its effect: a row of the schema's `audit`, and an event by its outbox.
 * @param service the service that did it.
 */
export async function recordAudit(
  tx: Tx,
  service: string,
  { actor, action, subject, detail, outcome = 'done' }: Act,
  now = new Date(),
): Promise<void> {
  const text = JSON.stringify(detail);
  await tx`
    insert into audit (at, actor, action, subject, outcome, detail)
    values (${now}, ${actor}, ${action}, ${subject}, ${outcome}, ${text}::text::jsonb)`;
  const bytes = Buffer.byteLength(text);
  const event = makeEvent(auditRecorded, {
    id: uuidV7(now.getTime()),
    source: service,
    subject: boundedText(subject, subjectMaxChars),
    time: now,
    data: { actor, action, outcome, detail: bytes > eventDetailMaxBytes ? { omittedBytes: bytes } : detail },
  });
  await addToOutbox(tx, [toMessage(event)]);
}
