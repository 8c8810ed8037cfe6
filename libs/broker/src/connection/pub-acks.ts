import { createInbox, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';
import { RefusedError } from './refusals.ts';

/** The broker's confirmation of a message. */
export interface Confirmation {
  stream: string;
  /** Of the message; of the first one that had its id when it is a duplicate. */
  sequence: number;
  /** True when the broker knew the id already and stored nothing. */
  isDuplicate: boolean;
}

interface Waiting {
  subject: string;
  resolve: (confirmation: Confirmation) => void;
  reject: (error: Error) => void;
  deadline: number;
}

/** How often unanswered messages are looked at, at most: a timer for each costs more than the message. */
const sweepMaxMs = 500;

/** As the broker answers a publish; see PubAckResponse of the JetStream API. */
interface PubAck {
  stream?: string;
  seq?: number;
  duplicate?: boolean;
  error?: { code: number; description?: string };
}

/**
 * Publishes to JetStream and waits for the broker's confirmations, all through one subscription. It does what the
 * client's own `publish` does, for which that makes a request with a timer and an error object each: a fifth of what
 * a busy relay had to do.
 */
export class PubAcks {
  readonly #nc: NatsConnection;
  readonly #answerMaxMs: number;
  readonly #sweepMs: number;
  readonly #inbox = createInbox();
  readonly #waiting = new Map<string, Waiting>();
  #next = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param answerMaxMs a message that is not confirmed within this time counts as not stored. */
  constructor(nc: NatsConnection, answerMaxMs: number) {
    this.#nc = nc;
    this.#answerMaxMs = answerMaxMs;
    this.#sweepMs = Math.min(sweepMaxMs, answerMaxMs);
    nc.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        const token = message.subject.slice(this.#inbox.length + 1);
        const waiting = this.#waiting.get(token);
        if (!waiting) return;
        this.#waiting.delete(token);
        if (error) waiting.reject(error);
        else if (message.headers?.code === 503)
          waiting.reject(
            new RefusedError('no-stream', `No stream takes ${waiting.subject}, or JetStream is off.`),
          );
        else settle(waiting, message.string());
      },
    });
  }

  /**
   * @throws RefusedError when the broker refuses it; Error when it has not confirmed it in time: then it may be stored or
   * not.
   */
  publish(subject: string, payload: string, headers: MsgHdrs): Promise<Confirmation> {
    const token = (this.#next += 1).toString(36);
    return new Promise<Confirmation>((resolve, reject) => {
      this.#waiting.set(token, { subject, resolve, reject, deadline: Date.now() + this.#answerMaxMs });
      if (this.#timer === undefined) this.#timer = setTimeout(() => this.#sweep(), this.#sweepMs);
      try {
        this.#nc.publish(subject, payload, { reply: `${this.#inbox}.${token}`, headers });
      } catch (error) {
        this.#waiting.delete(token);
        reject(error as Error);
      }
    });
  }

  /** The broker said that nothing may be published on a subject: no confirmation will come. */
  refused(subject: string, error: Error): void {
    for (const [token, waiting] of this.#waiting) {
      if (waiting.subject !== subject) continue;
      this.#waiting.delete(token);
      waiting.reject(error);
    }
  }

  #sweep(): void {
    this.#timer = undefined;
    const now = Date.now();
    for (const [token, waiting] of this.#waiting) {
      if (waiting.deadline > now) continue;
      this.#waiting.delete(token);
      waiting.reject(new Error('no confirmation in time'));
    }
    if (this.#waiting.size > 0) this.#timer = setTimeout(() => this.#sweep(), this.#sweepMs);
  }
}

function settle(waiting: Waiting, answer: string): void {
  const { seq, stream, duplicate, error } = JSON.parse(answer) as PubAck;
  if (error) waiting.reject(new RefusedError('error', error.description ?? `error ${error.code}`));
  else if (seq === undefined || !stream) waiting.reject(new Error('what answered is not JetStream'));
  else waiting.resolve({ stream, sequence: seq, isDuplicate: duplicate === true });
}
