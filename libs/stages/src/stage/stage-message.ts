import { context, trace, type Span } from '@opentelemetry/api';
import {
  PermanentError,
  decodeData,
  decodeEnvelope,
  errorCodeOf as codeOf,
  type ErrorCode,
  type SluiceEvent,
} from '@sluice/contracts';
import { failpoint, recordError, withSpan, withTraceparent } from '@sluice/runtime';
import {
  consumerMetrics,
  deadLetter,
  diedAlways,
  fateOf,
  keepAlive,
  runBounded,
  type LastTry,
  type Fate,
} from '@sluice/delivery';
import { endOfTurn, publish, type JsMsg, type OutgoingMessage } from '@sluice/broker';
import type { AssessmentEventData, FetchedBytes } from './define-stage.ts';
import { attemptFailedFact, failedFact, stageFact } from './stage-facts.ts';
import { stageDurable } from './stage-durable.ts';
import { stageMetrics } from './stage-metrics.ts';
import type { StageRun } from './stage-run.ts';
import { startStageSpan } from './stage-span.ts';

/**
 * One delivery of one message to a stage, from delivery to settlement. The guarantees rest on the order:
 * attempts are checked before the body is decoded (an input that kills the process never gets to the end), then
 * decode, run, publish and await the broker's confirmation, and only then ack.
 */
export class StageMessage<In extends AssessmentEventData, Deps, Gathered, Out extends AssessmentEventData> {
  readonly #run: StageRun<In, Deps, Gathered, Out>;
  readonly #message: JsMsg;
  readonly #startedAt = performance.now();
  #excused = 0;
  #gatherMs = 0;

  constructor(run: StageRun<In, Deps, Gathered, Out>, message: JsMsg) {
    this.#run = run;
    this.#message = message;
  }

  /**
   * Never throws: a message that cannot be settled is left to the broker's ack-wait.
   * @returns whether this was the message's end; false when it will be delivered again.
   */
  async settle(): Promise<boolean> {
    const { stage, log } = this.#run;
    const message = this.#message;
    const consumer = stage.service;
    consumerMetrics.running.inc({ consumer });
    if (message.info.deliveryCount > 1) consumerMetrics.redelivered.inc({ consumer });
    const stopKeepAlive = keepAlive(message, stage.limits.ackWaitMs);
    let outcome = 'unsettled';
    let purl: string | undefined;
    try {
      if (message.info.deliveryCount > 1) this.#excused = await this.#run.ledger.excused(message);
      const handle = async (step: LastTry) => {
        if (step === 'bury') return this.#bury(new PermanentError('exhausted', diedAlways));
        const event = await this.#decode();
        failpoint('fetched');
        if (!event) return 'dead';
        purl = event.data.purl;
        return this.#process(event, step);
      };
      const isLast = this.#attempt > stage.limits.attemptsMax;
      outcome = isLast ? await this.#run.lastTries.take(message, handle) : await handle('run');
    } catch (error) {
      // The broker or the ledger is away. The message comes back after its ack-wait, and nothing was lost.
      log.warn({ err: error, sequence: message.seq }, 'message could not be settled');
    } finally {
      stopKeepAlive();
      consumerMetrics.running.dec({ consumer });
      consumerMetrics.settled.inc({ consumer, outcome });
      const durationMs = performance.now() - this.#startedAt;
      consumerMetrics.duration.observe({ consumer }, durationMs / 1000);
      log.info(
        {
          stage: stage.name,
          purl,
          sequence: message.seq,
          delivery: message.info.deliveryCount,
          attempt: this.#attempt,
          outcome,
          duration_ms: Math.round(durationMs),
          gather_ms: Math.round(this.#gatherMs),
        },
        'message settled',
      );
    }
    return !['retried', 'postponed', 'held-back', 'unsettled'].includes(outcome);
  }

  get #attempt(): number {
    return Math.max(1, this.#message.info.deliveryCount - this.#excused);
  }

  async #decode(): Promise<SluiceEvent<In> | null> {
    const { stage } = this.#run;
    try {
      return decodeData(stage.consumes, decodeEnvelope(this.#message.data));
    } catch (error) {
      await this.#bury(error);
      return null;
    }
  }

  async #process(event: SluiceEvent<In>, step: 'run' | 'end'): Promise<string> {
    const message = this.#message;
    if (this.#isDropped(event)) return this.#drop();
    if (step === 'end') return this.#apply(exhaustedByDeaths, event);
    const heldBackMs = this.#run.gate.heldBackMs(this.#upstreamOf(event));
    if (heldBackMs !== null) return this.#holdBack(heldBackMs);
    const parent = withTraceparent(context.active(), message.headers?.get('traceparent'));
    const span = startStageSpan(this.#run, message, event, this.#attempt, parent);
    const { purl, assessmentId } = event.data;
    this.#run.inWork.set(this, {
      purl,
      assessmentId,
      attempt: this.#attempt,
      since: new Date().toISOString(),
      lane: this.#run.lane,
      bytes: null,
    });
    this.#run.onInWork();
    return context.with(trace.setSpan(parent, span), async () => {
      try {
        return await this.#attemptOnce(event, span);
      } finally {
        this.#run.inWork.delete(this);
        this.#run.onInWork();
        span.end();
      }
    });
  }

  async #attemptOnce(event: SluiceEvent<In>, span: Span): Promise<string> {
    const { stage, gate, stopping } = this.#run;
    const { attemptsMax, retryBaseMs } = stage.limits;
    try {
      const result = await this.#gather(event);
      // The safe point: nothing was published yet.
      if (this.#isDropped(event)) return this.#drop();
      const publishing = performance.now();
      await publish(this.#run.bus, result);
      observePhase(stage.service, 'publish', performance.now() - publishing);
      failpoint('published');
      gate.circuits.succeeded(this.#upstreamOf(event));
      await endOfTurn();
      this.#message.ack();
      failpoint('acked');
      return 'done';
    } catch (error) {
      recordError(span, error);
      const fate = fateOf(error, {
        attempt: this.#attempt,
        attemptsMax,
        shuttingDown: stopping.aborted,
        retryBaseMs,
      });
      this.#run.log.debug({ err: error, purl: event.data.purl, fate: fate.kind }, 'attempt failed');
      return this.#apply(fate, event, error);
    }
  }

  #upstreamOf(event: SluiceEvent<In>): string | null {
    const { stage, deps } = this.#run;
    return stage.upstreamOf?.(event.data, deps) ?? null;
  }

  /** It cannot be worked on now, and nothing is wrong with it: it costs no attempt, and there is nothing to tell. */
  async #holdBack(delayMs: number): Promise<string> {
    try {
      await this.#run.ledger.excuse(this.#message, this.#excused + 1);
    } finally {
      this.#message.nak(delayMs);
    }
    return 'held-back';
  }

  #isDropped(event: SluiceEvent<In>): boolean {
    return this.#run.dropped.has(event.data.assessmentId);
  }

  #drop(): string {
    this.#message.ack();
    return 'dropped';
  }

  /** Does the stage's work. @returns the fact to publish. */
  async #gather(event: SluiceEvent<In>): Promise<OutgoingMessage> {
    const { stage, deps, stopping } = this.#run;
    const { data } = event;
    const started = performance.now();
    let gathered: Gathered;
    try {
      gathered = await runBounded(stage.limits.deadlineMs, stopping, (signal) =>
        withSpan(`${stage.name} gather`, {}, () =>
          stage.gather(data, deps, signal, (bytes) => this.#fetched(bytes)),
        ),
      );
    } finally {
      this.#gatherMs = performance.now() - started;
      observePhase(stage.service, 'gather', this.#gatherMs);
    }
    failpoint('effect-done');
    // The emitted fact has the fields of the consumed one, and those of the decision.
    const deciding = performance.now();
    const fields = stage.decide(data, gathered) as unknown as Omit<Out, keyof AssessmentEventData>;
    observePhase(stage.service, 'decide', performance.now() - deciding);
    return stageFact(stage.emits, { stage, consumed: data, fields, discriminator: data.attempt });
  }

  #fetched(bytes: FetchedBytes): void {
    const work = this.#run.inWork.get(this);
    if (!work) return;
    work.bytes = bytes;
    this.#run.onInWork();
  }

  async #apply(fate: Fate, event: SluiceEvent<In>, error?: unknown): Promise<string> {
    const { stage, gate, log } = this.#run;
    switch (fate.kind) {
      case 'ack':
        this.#message.ack();
        return 'done';
      case 'dead':
        return this.#bury(error);
      case 'fail':
        await this.#publishFailed(event, fate.code, fate.detail);
        gate.circuits.answered(this.#upstreamOf(event));
        this.#message.ack();
        return 'failed';
      case 'redo':
        await this.#publishAttemptFailed(event, { ...fate, counted: true, redo: true }, new Date());
        this.#message.ack();
        return 'redone';
      case 'exhausted':
        log.error({ err: error, purl: event.data.purl, code: fate.code }, 'every attempt failed');
        await this.#publishFailed(event, fate.code, fate.detail);
        await this.#bury(error ?? new PermanentError(fate.code, fate.detail));
        return 'exhausted';
      case 'retry':
        await this.#giveBack(fate, event, error);
        return fate.counted ? 'retried' : 'postponed';
      default:
        throw new Error(`${stage.name}: unknown fate`);
    }
  }

  async #giveBack(fate: Fate & { kind: 'retry' }, event: SluiceEvent<In>, error: unknown): Promise<void> {
    const { ledger, gate } = this.#run;
    const code = codeOf(error);
    const detail = error instanceof Error ? error.message : String(error);
    if (fate.outageHost !== null) {
      const outage = { host: fate.outageHost, code, detail };
      gate.circuits.failed(this.#upstreamOf(event), outage, fate.retryAfterMs);
    }
    try {
      if (!fate.counted) await ledger.excuse(this.#message, this.#excused + 1);
      const nextTryAt = new Date(Date.now() + fate.delayMs);
      await this.#publishAttemptFailed(event, { code, detail, counted: fate.counted }, nextTryAt);
    } finally {
      // Given back even when the fact could not be published.
      this.#message.nak(fate.delayMs);
    }
  }

  async #publishAttemptFailed(
    event: SluiceEvent<In>,
    failure: { code: ErrorCode; detail: string; counted: boolean; redo?: true },
    nextTryAt: Date,
  ): Promise<void> {
    const { bus, stage } = this.#run;
    const { code, detail, counted, redo } = failure;
    consumerMetrics.attemptsFailed.inc({ consumer: stage.service, code });
    const fact = attemptFailedFact(stage, event.data, this.#message.info.deliveryCount, {
      stageAttempt: this.#attempt,
      counted,
      code,
      detail,
      worker: bus.instance,
      nextTryAt: nextTryAt.toISOString(),
      ...(redo ? { redo } : {}),
    });
    await publish(bus, fact);
  }

  async #publishFailed(event: SluiceEvent<In>, code: ErrorCode, detail: string): Promise<void> {
    const { bus, stage } = this.#run;
    stageMetrics.failures.inc({ consumer: stage.service, code });
    const failure = { code, detail, stageAttempt: this.#attempt, worker: bus.instance };
    await publish(bus, failedFact(stage, event.data, failure));
  }

  async #bury(error: unknown): Promise<'dead'> {
    const { bus, stage } = this.#run;
    consumerMetrics.deadLetters.inc({ consumer: stage.service, code: codeOf(error) });
    await deadLetter(bus, this.#message, error, {
      service: stage.service,
      consumer: stageDurable(stage.service, this.#run.lane),
      deliveries: this.#message.info.deliveryCount,
      attempts: this.#attempt,
    });
    return 'dead';
  }
}

/** Fate of a message whose attempts and last tries all ended with the death of their process. */
const exhaustedByDeaths: Fate = { kind: 'exhausted', code: 'exhausted', detail: diedAlways };

function observePhase(consumer: string, phase: 'gather' | 'decide' | 'publish', durationMs: number): void {
  stageMetrics.phase.observe({ consumer, phase }, durationMs / 1000);
}
