import type { JsMsg, Bus } from '@sluice/broker';
import { SpanKind, context, type Context, type Tracer } from '@opentelemetry/api';
import { PermanentError, decodeData, decodeEnvelope, errorCodeOf } from '@sluice/contracts';
import { activeTracer, failpoint, unrecordedSpan, withTraceparent, type Logger } from '@sluice/runtime';
import type { AttemptLedger } from '../attempts/attempt-ledger.ts';
import { BatchPace } from './batch-pace.ts';
import type { Circuits } from '../circuits/circuits.ts';
import { consumerMetrics } from './consumer-metrics.ts';
import { deadLetter } from '../letters/dead-letters.ts';
import type { BatchHandler, ConsumerDefinition, Received } from './define-consumer.ts';
import { diedAlways, type LastTries, type LastTry } from '../attempts/last-tries.ts';
import { fateOf, keepAlive } from '../attempts/settle.ts';

/**
 * Measured at 100 packages a second in requests of ten, against no rest: from 480 to 270 ms at the median, and from
 * 780 to 480 ms for the slowest hundredth.
 */
const batchesApartMaxMs = 10;

interface Pending<Data> extends Received<Data> {
  message: JsMsg;
  /** The consumer that it came through. */
  durable: string;
  settled: (ended: boolean) => void;
  stopKeepAlive: () => void;
}

export interface BatchWorkerOptions<Data> {
  bus: Bus;
  definition: ConsumerDefinition<Data>;
  /** The consumer's name in logs and metrics. */
  name: string;
  handle: BatchHandler<Data>;
  ledger: AttemptLedger;
  lastTries: LastTries;
  circuits: Circuits;
  log: Logger;
  stopping: AbortSignal;
}

/** Hands the events of one lane of a consumer to its handler, batch by batch, and settles each. */
export class BatchWorker<Data> {
  readonly #options: BatchWorkerOptions<Data>;
  readonly #context: Context = context.active();
  readonly #tracer: Tracer = activeTracer();
  readonly #waiting: Pending<Data>[] = [];
  readonly #pace = new BatchPace(batchesApartMaxMs);
  #working = false;

  constructor(options: BatchWorkerOptions<Data>) {
    this.#options = options;
  }

  /** Takes a message in; resolves when it is settled, to whether that was its end. */
  async add(durable: string, message: JsMsg): Promise<boolean> {
    const { attemptsMax } = this.#options.definition.limits;
    // Before the body is decoded: an input that kills the process never gets to the end.
    const isSuspect = message.info.deliveryCount > attemptsMax;
    try {
      return await (isSuspect ? this.#addSuspect(durable, message) : this.#enqueue(durable, message));
    } catch (error) {
      this.#options.log.warn({ err: error, consumer: this.#options.name }, 'message could not be settled');
      return false;
    }
  }

  /** Decodes a message and has it handled in the next batch; one that cannot be decoded is kept as a dead letter. */
  async #enqueue(durable: string, message: JsMsg): Promise<boolean> {
    const { definition } = this.#options;
    const received = await this.#decode(message, 1);
    if (!received) return true;
    return new Promise<boolean>((settled) => {
      this.#waiting.push(this.#pending(durable, message, received, settled));
      this.#pace.add();
      if (this.#waiting.length >= definition.limits.batchMax) this.#pace.full();
      void this.#work();
    });
  }

  /** A message that was delivered more often than its attempts allow. Unless deliveries are excused, it has last tries. */
  async #addSuspect(durable: string, message: JsMsg): Promise<boolean> {
    const { ledger, lastTries, definition } = this.#options;
    const { attemptsMax, ackWaitMs } = definition.limits;
    const stopKeepAlive = keepAlive(message, ackWaitMs);
    try {
      const attempt = message.info.deliveryCount - (await ledger.excused(message));
      if (attempt <= attemptsMax) return await this.#enqueue(durable, message);
      return await lastTries.take(message, (step) => this.#tryLast(step, durable, message, attempt));
    } finally {
      stopKeepAlive();
    }
  }

  async #tryLast(step: LastTry, durable: string, message: JsMsg, attempt: number): Promise<boolean> {
    const exhausted = new PermanentError('exhausted', diedAlways);
    const received = step === 'bury' ? null : await this.#decode(message, attempt);
    if (received && step === 'run') {
      return new Promise<boolean>((settled) => {
        const pending = this.#pending(durable, message, received, settled);
        void context.with(this.#context, () => this.#settleBatch([pending]));
      });
    }
    if (received) await this.#options.definition.onDead?.(received, exhausted);
    if (received || step === 'bury') await this.#bury(message, exhausted, attempt);
    return true;
  }

  /** @returns null for a message that is no event; it is a dead letter then. */
  async #decode(message: JsMsg, attempt: number): Promise<Received<Data> | null> {
    try {
      return {
        event: decodeData(this.#options.definition.consumes, decodeEnvelope(message.data)),
        traceparent: message.headers?.get('traceparent') || undefined,
        sequence: message.seq,
      };
    } catch (error) {
      await this.#bury(message, error, attempt);
      return null;
    }
  }

  #pending(
    durable: string,
    message: JsMsg,
    received: Received<Data>,
    settled: (ended: boolean) => void,
  ): Pending<Data> {
    const stopKeepAlive = keepAlive(message, this.#options.definition.limits.ackWaitMs);
    return { ...received, message, durable, settled, stopKeepAlive };
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    try {
      while (this.#waiting.length > 0) {
        await this.#pace.gather();
        const batch = this.#waiting.splice(0, this.#options.definition.limits.batchMax);
        if (this.#waiting.length > 0) this.#pace.add();
        await context.with(this.#context, () => this.#settleBatch(batch));
        this.#pace.ended();
      }
    } finally {
      this.#working = false;
    }
  }

  async #settleBatch(batch: Pending<Data>[]): Promise<void> {
    const started = new Date();
    try {
      failpoint('fetched');
      await this.#options.handle(batch);
      failpoint('effect-done');
      this.#options.circuits.succeeded(null);
      for (const pending of batch) {
        pending.message.ack();
        this.#settled(pending, 'done', started);
      }
      failpoint('acked');
    } catch (error) {
      const outage = fateOf(error, {
        attempt: 1,
        attemptsMax: 2,
        shuttingDown: this.#options.stopping.aborted,
      });
      if (batch.length > 1 && !(outage.kind === 'retry' && !outage.counted)) {
        for (const pending of batch) await this.#settleBatch([pending]);
        return;
      }
      if (outage.kind === 'retry' && outage.outageHost) {
        const detail = error instanceof Error ? error.message : String(error);
        const what = { host: outage.outageHost, code: errorCodeOf(error), detail };
        this.#options.circuits.failed(null, what, outage.retryAfterMs);
      }
      for (const pending of batch) await this.#giveBack(pending, error, started);
    }
  }

  async #giveBack(pending: Pending<Data>, error: unknown, started: Date): Promise<void> {
    const { message, event } = pending;
    const deliveries = message.info.deliveryCount;
    try {
      const excused = deliveries > 1 ? await this.#options.ledger.excused(message) : 0;
      const attempt = Math.max(1, deliveries - excused);
      const { attemptsMax, retryBaseMs } = this.#options.definition.limits;
      const shuttingDown = this.#options.stopping.aborted;
      const fate = fateOf(error, { attempt, attemptsMax, shuttingDown, retryBaseMs });
      this.#options.log.warn(
        { err: error, consumer: this.#options.name, event: event.id, attempt },
        'event could not be handled',
      );
      if (fate.kind === 'retry') {
        consumerMetrics.attemptsFailed.inc({ consumer: this.#options.name, code: errorCodeOf(error) });
        if (!fate.counted) await this.#options.ledger.excuse(message, excused + 1);
        message.nak(fate.delayMs);
        this.#settled(pending, fate.counted ? 'retried' : 'postponed', started);
      } else {
        await this.#options.definition.onDead?.(pending, error);
        await this.#bury(message, error, attempt);
        this.#settled(pending, 'dead', started);
      }
    } catch (cause) {
      this.#options.log.warn({ err: cause, consumer: this.#options.name }, 'message could not be settled');
      this.#settled(pending, 'unsettled', started);
    }
  }

  async #bury(message: JsMsg, error: unknown, attempts: number): Promise<void> {
    consumerMetrics.deadLetters.inc({ consumer: this.#options.name, code: errorCodeOf(error) });
    await deadLetter(this.#options.bus, message, error, {
      service: this.#options.definition.service,
      consumer: this.#options.name,
      deliveries: message.info.deliveryCount,
      attempts,
    });
  }

  #settled(pending: Pending<Data>, outcome: string, started: Date): void {
    pending.stopKeepAlive();
    pending.settled(outcome === 'done' || outcome === 'dead');
    consumerMetrics.settled.inc({ consumer: this.#options.name, outcome });
    consumerMetrics.duration.observe(
      { consumer: this.#options.name },
      (Date.now() - started.getTime()) / 1000,
    );
    const parent = withTraceparent(context.active(), pending.traceparent);
    if (unrecordedSpan(parent)) return;
    this.#tracer
      .startSpan(
        `${this.#options.definition.service} process`,
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
        parent,
      )
      .end();
  }
}
