import { countDeadLetters, readQueues, streamFill, type Bus, type QueueState } from '@sluice/messaging';
import type { Logger } from '@sluice/runtime';
import { Gauge } from 'prom-client';

/** A queue with how fast it moves. */
export interface SampledQueue extends QueueState {
  /** Deliveries a second between the last two looks; null before there are two. */
  ratePerSecond: number | null;
  etaSeconds: number | null;
}

export interface QueueSample {
  queues: SampledQueue[];
  deadLetters: { dlq: number; parked: number };
}

/** Often enough for alerts, seldom enough to cost the broker nothing. */
const everyMs = 5_000;

const waiting = gauge('sluice_queue_waiting', 'Messages that are not delivered yet.', 'consumer');
const unsettled = gauge('sluice_queue_unsettled', 'Messages in work or waiting for another try.', 'consumer');
const oldest = gauge(
  'sluice_queue_oldest_age_seconds',
  'Age of the oldest message that is not settled.',
  'consumer',
);
const letters = gauge('sluice_dead_letters', 'Dead letters that wait for somebody.', 'kind');
const fill = gauge(
  'sluice_stream_fill_ratio',
  'Share of its size limit that a stream has reached.',
  'stream',
);

function gauge<Label extends string>(name: string, help: string, label: Label): Gauge<Label> {
  return new Gauge({ name, help, labelNames: [label] });
}

/** Looks at the queues now and then, for their rates and for the metrics. */
export class QueueSampler {
  readonly #bus: Bus;
  readonly #log: Logger;
  #last: { at: number; delivered: Map<string, number> } | null = null;
  readonly #rates = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(bus: Bus, log: Logger) {
    this.#bus = bus;
    this.#log = log;
  }

  start(): void {
    const look = () => {
      this.#look().catch((error: unknown) =>
        this.#log.debug({ err: error }, 'queues cannot be looked at now'),
      );
    };
    look();
    this.#timer = setInterval(look, everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** The queues as they are now, with the rates of the last look. */
  async read(): Promise<QueueSample> {
    const [queues, deadLetters] = await Promise.all([readQueues(this.#bus), countDeadLetters(this.#bus)]);
    return { queues: queues.map((queue) => this.#withRate(queue)), deadLetters };
  }

  async #look(): Promise<void> {
    const { queues, deadLetters } = await this.read();
    const now = Date.now();
    for (const queue of queues) {
      const before = this.#last?.delivered.get(queue.consumer);
      if (before !== undefined && this.#last) {
        this.#rates.set(
          queue.consumer,
          Math.max(0, queue.delivered - before) / ((now - this.#last.at) / 1000),
        );
      }
      waiting.set({ consumer: queue.consumer }, queue.waiting);
      unsettled.set({ consumer: queue.consumer }, queue.unsettled);
      oldest.set({ consumer: queue.consumer }, queue.oldestAgeSeconds ?? 0);
    }
    this.#last = {
      at: now,
      delivered: new Map(queues.map(({ consumer, delivered }) => [consumer, delivered])),
    };
    letters.set({ kind: 'dlq' }, deadLetters.dlq);
    letters.set({ kind: 'parked' }, deadLetters.parked);
    for (const { stream, bytes, maxBytes } of await streamFill(this.#bus)) {
      if (maxBytes > 0) fill.set({ stream }, bytes / maxBytes);
    }
  }

  #withRate(queue: QueueState): SampledQueue {
    const ratePerSecond = this.#rates.get(queue.consumer) ?? null;
    const etaSeconds =
      queue.waiting === 0 ? 0 : ratePerSecond ? Math.ceil(queue.waiting / ratePerSecond) : null;
    return { ...queue, ratePerSecond, etaSeconds };
  }
}
