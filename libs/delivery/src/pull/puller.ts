import {
  consumerState,
  currentStream,
  ensureConsumer,
  eventsStream,
  type Consumer,
  type ConsumerMessages,
  type JsMsg,
  type Bus,
  type ConsumerSpec,
} from '@sluice/broker';
import type { Lane } from '@sluice/contracts';
import type { Logger } from '@sluice/runtime';
import type { SlotPool } from './slot-pool.ts';

/**
 * How long one pull stays open at the broker. Short enough that a lost one is asked again soon; shorter for bulk,
 * because slots that bulk asked for and no longer needs are slots that a waiting person cannot have.
 */
const pullExpiresMs: Record<Lane, number> = { interactive: 20_000, bulk: 5_000 };
/**
 * A broker that has nothing says so this often. A pull is forgotten when another node of a cluster comes to lead the
 * consumer, and the connection does not notice: after two or three seconds without a word it is asked again. Five
 * consumers stand between a request and its end, and each may have forgotten its pull.
 */
const idleHeartbeatMs = 1_000;
/** Wait after a failed pull; the broker is likely away. */
const retryMs = 1_000;

export interface PullerOptions {
  bus: Bus;
  lane: Lane;
  spec: ConsumerSpec;
  slots: SlotPool;
  log: Logger;
  /**
   * Handles one message; must not throw. The message holds a slot until then. Resolves to whether that was its end:
   * false when the broker is to deliver it again.
   */
  onMessage: (message: JsMsg) => Promise<boolean>;
  /** Called whenever a slot was given back, so that the other lane can look too. */
  onFree: () => void;
  /**
   * Time of the next pull, in milliseconds since 1970: 0 for now, infinity until `wake` is called. Messages of a pull
   * under way may still come, and are handled: called off while the broker answers it, the pull would leave its
   * messages to their ack wait.
   */
  pausedUntil: () => number;
}

/** Keeps one durable consumer asked for as many messages as there are free slots, and no more. */
export class Puller {
  readonly #options: PullerOptions;
  readonly #open = new Set<ConsumerMessages>();
  readonly #running = new Set<Promise<void>>();
  #consumer: Consumer | undefined;
  /** Messages came lately: ask for everything that is free. */
  #busy = false;
  /** Messages that the broker still had for this consumer when it sent the last one. */
  #waiting = 0;
  #stopped = false;
  #ignoreReconnects = () => {};
  #timer: NodeJS.Timeout | undefined;
  #isRecovering = false;
  /** Last message received. A consumer that was deleted is made anew behind the oldest message that has not ended. */
  #lastSequence = 0;
  #notEnded = new Set<number>();
  /** The stream that these positions are of. */
  #stream: string | undefined;

  constructor(options: PullerOptions) {
    this.#options = options;
  }

  get lane(): Lane {
    return this.#options.lane;
  }

  async start(): Promise<void> {
    await this.#bind();
    this.#ignoreReconnects = this.#options.bus.onReconnect(() => this.#giveUpPulls());
    this.refill();
  }

  /** Asks for more if there are free slots. Cheap; called whenever something changed. */
  refill(): void {
    const { slots, lane, pausedUntil } = this.#options;
    if (this.#stopped || !this.#consumer || this.#timer) return;
    const pausedMs = pausedUntil() - Date.now();
    if (pausedMs > 0) {
      // The first look after a pause asks for little.
      this.#busy = false;
      if (Number.isFinite(pausedMs)) this.#later(pausedMs);
      return;
    }
    const asked = slots.asked(lane);
    const free = slots.free(lane);
    const idle = Math.min(free, slots.idleAsk(lane) - asked);
    // Slots that interactive asked for are slots that bulk cannot have: it asks for more only when more is there.
    const busy = lane === 'bulk' ? free : Math.min(free, Math.max(idle, this.#waiting - asked));
    const want = this.#busy ? busy : idle;
    // Small pulls cost a round trip each; while others are open it is worth collecting a few slots.
    if (want < 1 || (asked > 0 && want < slots.total / 4 && this.#busy)) return;
    void this.#pull(want);
  }

  /** Looks again now: the reason of the pause may be over. */
  wake(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.refill();
  }

  /** Stops asking for messages. `idle()` waits for those in work. */
  stop(): void {
    this.#stopped = true;
    this.#ignoreReconnects();
    clearTimeout(this.#timer);
    this.#giveUpPulls();
  }

  async idle(): Promise<void> {
    await Promise.all(this.#running);
  }

  /**
   * Each pull ends, and is asked again when there is room. The client does not do it for pulls that the broker forgot
   * with a connection: it stops to miss their heartbeats, and asks again only once it was told about the consumer, or
   * when the time of the pull is over.
   */
  #giveUpPulls(): void {
    for (const open of this.#open) open.stop();
  }

  async #bind(): Promise<void> {
    const { bus, spec } = this.#options;
    const { identity } = await currentStream(bus);
    if (identity !== this.#stream) {
      this.#stream = identity;
      this.#lastSequence = 0;
      this.#notEnded = new Set();
    }
    const startSequence = Math.min(this.#lastSequence + 1, ...this.#notEnded);
    await ensureConsumer(bus, { ...spec, ...(this.#lastSequence > 0 ? { startSequence } : {}) });
    this.#consumer = await bus.js.consumers.get(eventsStream, spec.durable);
  }

  async #pull(count: number): Promise<void> {
    const { slots, lane, log, spec } = this.#options;
    slots.ask(lane, count);
    let received = 0;
    let failed: unknown;
    let messages: ConsumerMessages | undefined;
    try {
      messages = await this.#consumer!.fetch({
        max_messages: count,
        expires: pullExpiresMs[lane],
        idle_heartbeat: idleHeartbeatMs,
      });
      this.#open.add(messages);
      if (this.#stopped) messages.stop();
      for await (const message of messages) {
        received += 1;
        this.#busy = true;
        this.#waiting = message.info.pending;
        slots.begin(lane);
        this.#run(message);
        // While this pull is open more slots may have become free.
        this.refill();
      }
    } catch (error) {
      failed = error;
    } finally {
      if (messages) this.#open.delete(messages);
      slots.unask(lane, count - received);
    }
    if (this.#stopped) return;
    if (failed) {
      log.warn({ consumer: spec.durable, err: failed }, 'pull failed');
      // Not awaited: a cluster without a leader for the consumer says nothing for seconds, and may have one meanwhile.
      if (!this.#isRecovering) void this.#recover();
      this.#later(retryMs);
      return;
    }
    if (received === 0 && slots.asked(lane) === 0) this.#busy = false;
    this.refill();
  }

  #run(message: JsMsg): void {
    const { slots, lane, onMessage, onFree } = this.#options;
    this.#lastSequence = Math.max(this.#lastSequence, message.seq);
    const notEnded = this.#notEnded.add(message.seq);
    const run = onMessage(message).then((ended) => {
      if (ended) notEnded.delete(message.seq);
      slots.end(lane);
      this.#running.delete(run);
      onFree();
    });
    this.#running.add(run);
  }

  /** Makes the consumer again when it is gone; an unreachable broker is simply tried again later. */
  async #recover(): Promise<void> {
    const { bus, spec, log } = this.#options;
    this.#isRecovering = true;
    try {
      if (await consumerState(bus, spec.durable)) return;
      await this.#bind();
      log.warn({ consumer: spec.durable, from: this.#lastSequence }, 'consumer was gone and is made anew');
    } catch (error) {
      log.debug({ err: error }, 'broker is not reachable yet');
    } finally {
      this.#isRecovering = false;
    }
  }

  #later(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.refill();
    }, ms);
  }
}
