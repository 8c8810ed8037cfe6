import { openBucket, type JsMsg, type Bus } from '@sluice/broker';

/**
 * Corrections to the broker's count of deliveries, in a NATS bucket that survives a restart: deliveries that do not
 * count as attempts, and last tries. An outage of an upstream or a shutdown costs deliveries and must not cost
 * attempts. Written only when something went wrong, read only for messages that were delivered before. Messages are
 * known by their `Nats-Msg-Id`, so that the ledger can be asked before a body is decoded.
 */
export interface AttemptLedger {
  /** Deliveries of this message that did not count. */
  excused(message: JsMsg): Promise<number>;
  excuse(message: JsMsg, total: number): Promise<void>;
  /** Last tries of this message that were begun and did not end, see `LastTries`. */
  lastTries(message: JsMsg): Promise<number>;
  noteLastTries(message: JsMsg, total: number): Promise<void>;
}

/** @param consumer see `consumerName`. */
export async function openAttemptLedger(bus: Bus, consumer: string): Promise<AttemptLedger> {
  const bucket = await openBucket(bus, 'ATTEMPTS');
  const read = async (key: string) => {
    const entry = await bucket.use((opened) => opened.get(key));
    return entry ? Number(entry.string()) : 0;
  };
  const write = async (key: string, total: number) => {
    await bucket.use((opened) => opened.put(key, String(total)));
  };
  const excusedKey = (message: JsMsg) => `${consumer}.${messageKey(message)}`;
  const lastTriesKey = (message: JsMsg) => `${consumer}.last-tries.${messageKey(message)}`;
  return {
    excused: (message) => read(excusedKey(message)),
    excuse: (message, total) => write(excusedKey(message), total),
    lastTries: (message) => read(lastTriesKey(message)),
    noteLastTries: (message, total) => write(lastTriesKey(message), total),
  };
}

/** Message ids that may stand in a bucket's key: those of all events of Sluice, redriven ones included. */
const keyText = /^[-/_=a-zA-Z0-9]{1,200}$/;

/** A message of a foreign publisher may have any id, or none: then its place in the stream tells it from others. */
function messageKey({ headers, seq }: JsMsg): string {
  const id = headers?.get('Nats-Msg-Id') ?? '';
  return keyText.test(id) ? id : `sequence-${seq}`;
}
