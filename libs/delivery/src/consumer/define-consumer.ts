import type { EventDefinition, SluiceEvent } from '@sluice/contracts';

export interface ConsumerDefinition<Data> {
  service: string;
  consumes: EventDefinition<Data>;
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
   * Has the effect of giving an event up, before it becomes a dead letter. An error leaves the event to be
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

/** Has the effect of a batch in one transaction, inbox included; throws to have it delivered again. */
export type BatchHandler<Data> = (batch: Received<Data>[]) => Promise<void>;
