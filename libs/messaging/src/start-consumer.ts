import type { JsMsg } from '@nats-io/jetstream';
import { SpanKind, context, type Context, type Tracer } from '@opentelemetry/api';
import {
  decodeData,
  decodeEnvelope,
  errorCodeOf,
  lanes,
  type EventDefinition,
  type Lane,
  type SluiceEvent,
} from '@sluice/contracts';
import { activeTracer, failpoint, withTraceparent, type Logger, type ServiceContext } from '@sluice/runtime';
import { openAttemptLedger, type AttemptLedger } from './attempt-ledger.ts';
import { BatchPace } from './batch-pace.ts';
import { Circuits } from './circuits.ts';
import type { Bus } from './connection.ts';
import { consumerMetrics } from './consumer-metrics.ts';
import { deadLetter } from './dead-letters.ts';
import { Puller } from './puller.ts';
import { startReleasing } from './release-parked.ts';
import { fateOf, keepAlive } from './settle.ts';
import { SlotPool } from './slot-pool.ts';
import { ensureTopology } from './topology.ts';

export interface ConsumerDefinition<Data> {
  service: string;
  /** Several kinds of event may share a handler, and so batches and transactions. */
  consumes: EventDefinition<Data> | readonly EventDefinition<Data>[];
  /** What it is called in logs and metrics, after the service's name; the event's type unless given. */
  name?: string;
  /** True for facts about no package or request: their subject has no lane. */
  laneless?: boolean;
  limits: {
    /** Events handed to the handler at once, and so in one transaction, at most. */
    batchMax: number;
    attemptsMax: number;
    ackWaitMs: number;
    /** First wait before another try; it doubles from there. One second unless given. */
    retryBaseMs?: number;
  };
  /**
   * Has the effect of giving an event up, before it becomes a dead letter. What it throws leaves the event to be
   * delivered again; repeating it must be harmless.
   */
  onDead?(received: Received<Data>, error: unknown): Promise<void>;
}

/** An event as a handler gets it. */
export interface Received<Data> {
  event: SluiceEvent<Data>;
  /** Trace of the message. */
  traceparent: string | undefined;
  /** Position in the stream. */
  sequence: number;
}

/**
 * Measured at 100 packages a second in requests of ten: an eighth less processor time in Postgres and the aggregator,
 * and a third off the slowest hundredth.
 */
const batchesApartMs = 10;

/** Has the effect of a batch in one transaction, inbox included; throws to have it delivered again. */
export type BatchHandler<Data> = (batch: Received<Data>[]) => Promise<void>;

interface Pending<Data> extends Received<Data> {
  message: JsMsg;
  lane: Lane;
  /** The consumer that it came through. */
  durable: string;
  settled: (ended: boolean) => void;
  stopKeepAlive: () => void;
}

/**
 * Runs a consumer with state: events come in batches as large as the handler's pace makes them, interactive first.
 * A batch that fails over one of its events is tried again one by one, so that the others do not suffer.
 */
export async function startConsumer<Data>(
  bus: Bus,
  definition: ConsumerDefinition<Data>,
  handle: BatchHandler<Data>,
  service: Pick<ServiceContext<unknown>, 'log' | 'signal' | 'onStop'>,
): Promise<void> {
  await ensureTopology(bus);
  const kinds = kindsOf(definition);
  const durableOf = (type: string) => `${definition.service}-${type.replace('.', '-')}`;
  const name = definition.name ? `${definition.service}-${definition.name}` : durableOf(kinds[0]!.type);
  const worker = new BatchWorker(bus, definition, name, handle, await openAttemptLedger(bus, name), service);
  // One filter subject each: brokers before 2.10 know no others.
  const queues = kinds.flatMap(({ type }) => {
    // Of their own for each kind: what waits for one kind must not keep the others from being asked for.
    const slots = new SlotPool(definition.limits.batchMax * 2);
    return definition.laneless
      ? [{ lane: 'interactive' as const, durable: durableOf(type), filterSubject: type, slots }]
      : lanes.map((lane) => ({
          lane,
          durable: `${durableOf(type)}-${lane}`,
          filterSubject: `${type}.${lane}`,
          slots,
        }));
  });
  const pullers: Puller[] = queues.map(
    ({ lane, durable, filterSubject, slots }) =>
      new Puller({
        bus,
        lane,
        slots,
        log: service.log,
        onMessage: (message) => worker.add(lane, durable, message),
        onFree: () => pullers.forEach((puller) => puller.refill()),
        pausedUntil: () => worker.circuits.pausedUntil(),
        spec: {
          durable,
          filterSubject,
          ackWaitMs: definition.limits.ackWaitMs,
          maxAckPending: 10_000,
        },
      }),
  );
  worker.onChange = () => pullers.forEach((puller) => puller.wake());
  for (const puller of pullers) await puller.start();
  const stopReleasing = startReleasing(bus, definition.service, kinds, service.log);
  service.onStop(`consumer ${name}`, async () => {
    pullers.forEach((puller) => puller.stop());
    await Promise.all(pullers.map((puller) => puller.idle()));
    await stopReleasing();
  });
}

function kindsOf<Data>({ consumes }: ConsumerDefinition<Data>): readonly EventDefinition<Data>[] {
  return 'type' in consumes ? [consumes] : consumes;
}

class BatchWorker<Data> {
  readonly #bus: Bus;
  readonly #definition: ConsumerDefinition<Data>;
  readonly #name: string;
  readonly #handle: BatchHandler<Data>;
  readonly #ledger: AttemptLedger;
  readonly #log: Logger;
  readonly #stopping: AbortSignal;
  readonly #context: Context = context.active();
  readonly #tracer: Tracer = activeTracer();
  /** Batches cannot be told apart by what they need: one circuit for Postgres and whatever else is away. */
  readonly circuits: Circuits;
  readonly #waiting: Record<Lane, Pending<Data>[]> = { interactive: [], bulk: [] };
  readonly #pace = new BatchPace(batchesApartMs);
  #working = false;
  onChange: () => void = () => {};

  constructor(
    bus: Bus,
    definition: ConsumerDefinition<Data>,
    name: string,
    handle: BatchHandler<Data>,
    ledger: AttemptLedger,
    service: { log: Logger; signal: AbortSignal },
  ) {
    this.#bus = bus;
    this.#definition = definition;
    this.#name = name;
    this.#handle = handle;
    this.#ledger = ledger;
    this.#log = service.log;
    this.#stopping = service.signal;
    this.circuits = new Circuits({
      consumer: name,
      log: service.log,
      controls: { findHost: () => undefined },
      retryBaseMs: definition.limits.retryBaseMs,
      onChange: () => this.onChange(),
    });
  }

  /** Takes a message in; resolves when it is settled, to whether that was its end. */
  async add(lane: Lane, durable: string, message: JsMsg): Promise<boolean> {
    let decoded: SluiceEvent<Data>;
    try {
      const event = decodeEnvelope(message.data);
      const kinds = kindsOf(this.#definition);
      decoded = decodeData(kinds.find(({ type }) => type === event.type) ?? kinds[0]!, event);
    } catch (error) {
      return this.#bury(message, error, 1).then(
        () => true,
        (cause: unknown) => {
          this.#log.warn({ err: cause }, 'not buried yet');
          return false;
        },
      );
    }
    return new Promise<boolean>((settled) => {
      this.#waiting[lane].push({
        event: decoded,
        traceparent: message.headers?.get('traceparent') || undefined,
        sequence: message.seq,
        message,
        lane,
        durable,
        settled,
        stopKeepAlive: keepAlive(message, this.#definition.limits.ackWaitMs),
      });
      void this.#work();
    });
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    try {
      await this.#pace.gather();
      for (let batch = this.#take(); batch.length > 0; batch = this.#take()) {
        await context.with(this.#context, () => this.#settleBatch(batch));
        this.#pace.ended();
        await this.#pace.gather();
      }
    } finally {
      this.#working = false;
    }
  }

  #take(): Pending<Data>[] {
    const { batchMax } = this.#definition.limits;
    const batch = this.#waiting.interactive.splice(0, batchMax);
    return batch.concat(this.#waiting.bulk.splice(0, batchMax - batch.length));
  }

  async #settleBatch(batch: Pending<Data>[]): Promise<void> {
    const started = new Date();
    try {
      failpoint('fetched');
      await this.#handle(batch);
      failpoint('effect-done');
      this.circuits.succeeded(null);
      for (const pending of batch) {
        pending.message.ack();
        this.#settled(pending, 'done', started);
      }
      failpoint('acked');
    } catch (error) {
      const outage = fateOf(error, { attempt: 1, attemptsMax: 2, shuttingDown: this.#stopping.aborted });
      if (batch.length > 1 && !(outage.kind === 'retry' && !outage.counted)) {
        for (const pending of batch) await this.#settleBatch([pending]);
        return;
      }
      if (outage.kind === 'retry' && outage.outageHost) {
        const detail = error instanceof Error ? error.message : String(error);
        const what = { host: outage.outageHost, code: errorCodeOf(error), detail };
        this.circuits.failed(null, what, outage.retryAfterMs);
      }
      for (const pending of batch) await this.#giveBack(pending, error, started);
    }
  }

  async #giveBack(pending: Pending<Data>, error: unknown, started: Date): Promise<void> {
    const { message, event } = pending;
    const deliveries = message.info.deliveryCount;
    try {
      const excused = deliveries > 1 ? await this.#ledger.excused(event.id) : 0;
      const attempt = Math.max(1, deliveries - excused);
      const { attemptsMax, retryBaseMs } = this.#definition.limits;
      const shuttingDown = this.#stopping.aborted;
      const fate = fateOf(error, { attempt, attemptsMax, shuttingDown, retryBaseMs });
      this.#log.warn(
        { err: error, consumer: this.#name, event: event.id, attempt },
        'event could not be handled',
      );
      if (fate.kind === 'retry') {
        consumerMetrics.attemptsFailed.inc({ consumer: this.#name, code: errorCodeOf(error) });
        if (!fate.counted) await this.#ledger.excuse(event.id, excused + 1);
        message.nak(fate.delayMs);
        this.#settled(pending, fate.counted ? 'retried' : 'postponed', started);
      } else {
        await this.#definition.onDead?.(pending, error);
        await this.#bury(message, error, attempt);
        this.#settled(pending, 'dead', started);
      }
    } catch (cause) {
      this.#log.warn({ err: cause, consumer: this.#name }, 'message could not be settled');
      this.#settled(pending, 'unsettled', started);
    }
  }

  async #bury(message: JsMsg, error: unknown, attempts: number): Promise<void> {
    consumerMetrics.deadLetters.inc({ consumer: this.#name, code: errorCodeOf(error) });
    await deadLetter(this.#bus, message, error, {
      service: this.#definition.service,
      consumer: this.#name,
      deliveries: message.info.deliveryCount,
      attempts,
    });
  }

  #settled(pending: Pending<Data>, outcome: string, started: Date): void {
    pending.stopKeepAlive();
    pending.settled(outcome === 'done' || outcome === 'dead');
    consumerMetrics.settled.inc({ consumer: this.#name, outcome });
    consumerMetrics.duration.observe({ consumer: this.#name }, (Date.now() - started.getTime()) / 1000);
    this.#tracer
      .startSpan(
        `${this.#definition.service} process`,
        {
          kind: SpanKind.CONSUMER,
          startTime: started,
          attributes: {
            'messaging.system': 'nats',
            'messaging.operation.type': 'process',
            'messaging.operation.name': 'process',
            'messaging.destination.name': pending.message.subject,
            'messaging.consumer.group.name': pending.durable,
            'messaging.message.id': pending.event.id,
            'sluice.subject': pending.event.subject,
            'sluice.outcome': outcome,
          },
        },
        withTraceparent(context.active(), pending.traceparent),
      )
      .end();
  }
}
