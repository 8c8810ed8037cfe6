import { createInbox, type Msg, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';
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
  send: () => void;
  sentAt: number;
  resendAt: number;
  deadline: number;
  /** The broker's last answer, after which the message is sent again. */
  refusal?: Error;
}

/** How often unanswered messages are looked at, at most: a timer for each costs more than the message. */
const sweepMaxMs = 500;

/**
 * A message that is not confirmed is sent again after this time, then after twice as long, up to the second time: what the
 * leader of a stream had not yet copied is lost with it, and nothing answers while a cluster chooses the next one.
 */
const resendMs = 1_000;
const resendMaxMs = 2_000;

/** As the broker answers a publish; see PubAckResponse of the JetStream API. */
interface PubAck {
  stream?: string;
  seq?: number;
  duplicate?: boolean;
  error?: { code: number; description?: string };
}

/**
 * Publishes to JetStream and waits for the broker's confirmations, all through one subscription. The client's own
 * `publish` makes a request with a timer and an error object for each message: a fifth of a busy relay's work.
 */
export class PubAcks {
  readonly #nc: NatsConnection;
  readonly #confirmMaxMs: number;
  readonly #sweepMs: number;
  readonly #inbox: string;
  readonly #waiting = new Map<string, Waiting>();
  #next = 0;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param inboxes where confirmations come, as the client may subscribe to.
   * @param confirmMaxMs a message that is not confirmed within this time counts as not stored.
   */
  constructor(nc: NatsConnection, inboxes: string, confirmMaxMs: number) {
    this.#nc = nc;
    this.#inbox = createInbox(inboxes);
    this.#confirmMaxMs = confirmMaxMs;
    this.#sweepMs = Math.min(sweepMaxMs, confirmMaxMs);
    nc.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        const token = message.subject.slice(this.#inbox.length + 1);
        const waiting = this.#waiting.get(token);
        if (!waiting) return;
        const answer = error ?? readAnswer(message, waiting.subject);
        if (answer === 'in process') return;
        if (answer instanceof RefusedError && answer.reason === 'no-stream') {
          waiting.refusal = answer;
          return;
        }
        this.#waiting.delete(token);
        if (answer instanceof Error) waiting.reject(answer);
        else waiting.resolve(answer);
      },
    });
  }

  /**
   * @param headers with a `Nats-Msg-Id`: the message may be sent several times, and the broker stores it once.
   * @throws RefusedError when the broker refuses it, or no stream takes it for the whole time, as in a cluster without a
   * leader; Error when it has not confirmed it in time: then it may be stored or not.
   */
  publish(subject: string, payload: string, headers: MsgHdrs): Promise<Confirmation> {
    const token = (this.#next += 1).toString(36);
    const send = () => this.#nc.publish(subject, payload, { reply: `${this.#inbox}.${token}`, headers });
    return new Promise<Confirmation>((resolve, reject) => {
      const sentAt = Date.now();
      const deadline = sentAt + this.#confirmMaxMs;
      const waiting = { subject, resolve, reject, send, sentAt, resendAt: sentAt + resendMs, deadline };
      this.#waiting.set(token, waiting);
      if (this.#timer === undefined) this.#timer = setTimeout(() => this.#sweep(), this.#sweepMs);
      this.#send(token, waiting);
    });
  }

  #send(token: string, { send, reject }: Waiting): void {
    try {
      send();
    } catch (error) {
      this.#waiting.delete(token);
      reject(error as Error);
    }
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
      if (waiting.deadline <= now) {
        this.#waiting.delete(token);
        waiting.reject(waiting.refusal ?? new Error('no confirmation in time'));
      } else if (waiting.resendAt <= now) {
        waiting.resendAt = now + Math.min(resendMaxMs, now - waiting.sentAt);
        this.#send(token, waiting);
      }
    }
    if (this.#waiting.size > 0) this.#timer = setTimeout(() => this.#sweep(), this.#sweepMs);
  }
}

/** A broker's answer to a copy of a message that it is still storing, or that a lost leader was (2.10 and newer). */
const inProcess = 'duplicate message id is in process';

function readAnswer(message: Msg, subject: string): Confirmation | Error | 'in process' {
  if (message.headers?.code === 503)
    return new RefusedError('no-stream', `No stream takes ${subject}, or JetStream is off.`);
  const { seq, stream, duplicate, error } = JSON.parse(message.string()) as PubAck;
  if (error?.description === inProcess) return 'in process';
  if (error) return new RefusedError('error', error.description ?? `error ${error.code}`);
  if (seq === undefined || !stream) return new Error('what answered is not JetStream');
  return { stream, sequence: seq, isDuplicate: duplicate === true };
}
