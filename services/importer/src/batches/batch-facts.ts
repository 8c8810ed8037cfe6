import { batchOpened, eventId, makeEvent, type EventData } from '@sluice/contracts';
import { toMessage, type OutboxMessage } from '@sluice/delivery';

export type BatchOpened = EventData<typeof batchOpened>;

/** The message about an opened batch; the same one, id included, each time that it is made. */
export function openedMessage(data: BatchOpened): OutboxMessage {
  const { batchId, opening, openedAt, lane } = data;
  const event = makeEvent(batchOpened, {
    id: eventId(batchId, batchOpened.type, opening),
    source: 'importer',
    subject: batchId,
    time: new Date(openedAt),
    data,
  });
  return toMessage(event, { lane });
}
