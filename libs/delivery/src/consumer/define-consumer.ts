import type { EventDefinition, SluiceEvent } from '@sluice/contracts';

export interface ConsumerDefinition<Data> {
  service: string;
  /** Several kinds of event may share a handler, and so batches and transactions. */
  consumes: EventDefinition<Data> | readonly EventDefinition<Data>[];
  /** Its name in logs and metrics, after the service's; the event's type unless given. */
  name?: string;
  /** True for facts about no package or request: their subject has no lane. */
  laneless?: boolean;
  /** True if the event may be delayed to share a batch with an urgent one. */
  canWait?(event: SluiceEvent<Data>): boolean;
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

/** The kinds of event that a consumer takes. */
export function kindsOf<Data>({
  consumes,
}: Pick<ConsumerDefinition<Data>, 'consumes'>): readonly EventDefinition<Data>[] {
  return 'type' in consumes ? [consumes] : consumes;
}
