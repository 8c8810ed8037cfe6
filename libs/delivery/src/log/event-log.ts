import { BatchPace } from '../consumer/batch-pace.ts';
import {
  eventsStream,
  isConsumerGone,
  readStream,
  streamIdentity,
  type Bus,
  type ConsumerMessages,
} from '@sluice/broker';

/** A message of the event stream as it is stored. */
export interface LoggedMessage {
  sequence: number;
  subject: string;
  traceparent: string | null;
  payload: string;
}

export interface ReadOptions<Entry> {
  /** The first to read. */
  fromSequence: number;
  /** Messages in a batch at most, and about as many that wait while the batch before is in work. */
  batchMax: number;
  signal: AbortSignal;
  /** Between batches, at most, so that more gathers for the next one; none unless given. */
  batchesApartMaxMs?: number;
  /** True if the entry may be delayed to share a batch with an urgent one. */
  canWait?: (entry: Entry) => boolean;
  /** Makes an entry of a message as it arrives, in parallel with the work on the batch before. */
  toEntry?: (message: LoggedMessage) => Entry;
}

/** Text of messages that wait, at most: a batch of the largest events would be hundreds of megabytes. */
const waitingMaxLength = 32 * 1024 * 1024;

/**
 * Reads the event stream in its one total order, from a sequence on, until the signal aborts. Batches are as large
 * as the reader's pace makes them. Reading survives reconnects and restarts of the broker; nothing is acknowledged, the
 * reader keeps its place.
 * @throws when the stream is gone or the broker stays away; errors of `onBatch`.
 */
export async function readEventLog<Entry extends { sequence: number } = LoggedMessage>(
  bus: Bus,
  options: ReadOptions<Entry>,
  onBatch: (batch: Entry[]) => Promise<void>,
): Promise<void> {
  let next = options.fromSequence;
  while (!options.signal.aborted) {
    try {
      await readOnce(bus, { ...options, fromSequence: next }, async (batch) => {
        await onBatch(batch);
        next = batch.at(-1)!.sequence + 1;
      });
    } catch (error) {
      // A broker that was restarted has forgotten who reads: it is told anew, where the reader stands.
      if (!isConsumerGone(error)) throw error;
    }
  }
}

/**
 * Reads the event stream up to a sequence, and ends there, or when the signal aborts.
 * @param options.toSequence the last to read, no later than the last of the stream.
 */
export async function readEventLogUpTo<Entry extends { sequence: number } = LoggedMessage>(
  bus: Bus,
  { toSequence, signal, ...options }: ReadOptions<Entry> & { toSequence: number },
  onBatch: (batch: Entry[]) => Promise<void>,
): Promise<void> {
  const { firstSequence } = await streamIdentity(bus);
  if (Math.max(firstSequence, options.fromSequence) > toSequence) return;
  const done = new AbortController();
  const either = AbortSignal.any([signal, done.signal]);
  await readEventLog(bus, { ...options, signal: either }, async (batch) => {
    const upTo = batch.filter(({ sequence }) => sequence <= toSequence);
    if (upTo.length > 0) await onBatch(upTo);
    if (batch.at(-1)!.sequence >= toSequence) done.abort();
  });
}

async function readOnce<Entry>(
  bus: Bus,
  options: ReadOptions<Entry>,
  onBatch: (batch: Entry[]) => Promise<void>,
): Promise<void> {
  const { fromSequence, batchMax, signal, batchesApartMaxMs = 0 } = options;
  const source = await readStream(bus, eventsStream, fromSequence);
  const { messages } = source;
  const stop = () => messages.stop();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const pace = new BatchPace(batchesApartMaxMs);
  const waiting = new WaitingEntries<Entry>(batchMax, pace);
  const reading = collect(messages, waiting, options);
  // It may fail while a batch is in work; that is heard of afterwards, and must not count as unheard until then.
  reading.catch(() => {});
  try {
    for (let batch = await waiting.take(); batch.length > 0; batch = await waiting.take()) {
      await onBatch(batch);
      pace.ended();
      if (signal.aborted) return;
    }
    await reading;
  } finally {
    signal.removeEventListener('abort', stop);
    messages.stop();
    waiting.close();
    await reading.catch(() => {});
    await source.close();
  }
}

/** Moves arriving messages to the waiting entries. The client's own count of pending messages is unreliable. */
async function collect<Entry>(
  messages: ConsumerMessages,
  waiting: WaitingEntries<Entry>,
  { toEntry = (message) => message as Entry, canWait = () => false }: ReadOptions<Entry>,
): Promise<void> {
  try {
    for await (const message of messages) {
      const payload = message.string();
      const traceparent = message.headers?.get('traceparent') || null;
      const entry = toEntry({ sequence: message.seq, subject: message.subject, traceparent, payload });
      waiting.add(entry, payload.length, canWait(entry));
      if (waiting.isFull) await waiting.room();
    }
  } finally {
    waiting.close();
  }
}

/** Entries between arrival and batch. Adding waits while there are too many, taking while there are none. */
class WaitingEntries<Entry> {
  readonly #max: number;
  readonly #pace: BatchPace;
  #entries: Entry[] = [];
  #length = 0;
  #closed = false;
  #wake: (() => void)[] = [];

  constructor(max: number, pace: BatchPace) {
    this.#max = max;
    this.#pace = pace;
  }

  get isFull(): boolean {
    return this.#entries.length >= this.#max || this.#length >= waitingMaxLength;
  }

  /** @param length of the message's text. */
  add(entry: Entry, length: number, canWait: boolean): void {
    this.#entries.push(entry);
    this.#length += length;
    this.#pace.add(canWait);
    if (this.isFull) this.#pace.full();
    this.#notify();
  }

  async room(): Promise<void> {
    while (this.isFull && !this.#closed) await this.#change();
  }

  /** All waiting entries, after gathering; none once it is closed and empty. */
  async take(): Promise<Entry[]> {
    while (this.#entries.length === 0 && !this.#closed) await this.#change();
    if (!this.#closed) await this.#pace.gather();
    const taken = this.#entries;
    this.#entries = [];
    this.#length = 0;
    this.#notify();
    return taken;
  }

  close(): void {
    this.#closed = true;
    this.#pace.full();
    this.#notify();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}
