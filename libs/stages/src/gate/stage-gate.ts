import { describeControl, type Control } from '@sluice/contracts';
import type { Circuits } from '@sluice/delivery';
import type { ControlWatch } from './watch-controls.ts';

/** State of an instance of a stage. */
export type StageState = 'working' | 'paused' | 'draining' | 'drained' | 'stopping';

/**
 * Longest wait of a message whose upstream is away while other work goes on: 90 s. Each round costs the broker a delivery;
 * a longer wait would delay the message once the upstream is back.
 */
const heldBackMaxMs = 90_000;

/**
 * Whether one instance of a stage may ask for work, and whether a message that arrives may be worked on: neither
 * while the stage is paused or the instance drained, nor while the upstream that is needed is away.
 */
export class StageGate {
  readonly circuits: Circuits;
  readonly #controls: Pick<ControlWatch, 'find' | 'findHost'>;
  readonly #stage: string;
  readonly #service: string;
  readonly #instance: string;

  constructor(
    stage: { name: string; service: string; instance: string },
    controls: Pick<ControlWatch, 'find' | 'findHost'>,
    circuits: Circuits,
  ) {
    this.#stage = stage.name;
    this.#service = stage.service;
    this.#instance = stage.instance;
    this.#controls = controls;
    this.circuits = circuits;
  }

  /** Time of the next pull, in milliseconds since 1970: 0 for now, infinity when it is unknown. */
  pausedUntil(): number {
    return this.#hold ? Infinity : this.circuits.pausedUntil();
  }

  /**
   * A message requested before a pause arrives all the same: it is given back, and not for long, because another instance
   * should get it, and this instance asks for no more.
   * @param upstream of the message; null when the stage cannot tell.
   * @returns how long the message has to wait; null when it can be worked on.
   */
  heldBackMs(upstream: string | null): number | null {
    if (this.#hold) return 0;
    if (!this.circuits.blocks(upstream)) return null;
    const until = this.circuits.pausedUntil();
    // Whole milliseconds: of anything else nats-server makes no wait at all.
    if (until === 0) return Math.round(heldBackMaxMs * (1 / 3 + (Math.random() * 2) / 3));
    return Number.isFinite(until) ? Math.max(0, until - Date.now()) : 0;
  }

  /**
   * State of the instance for the list of workers.
   * @param running messages in work.
   */
  report(running: number, stopping: boolean): { state: StageState; detail: string | null } {
    const hold = this.#hold;
    const detail = hold ? describeControl(hold) : this.#waitsFor();
    if (stopping) return { state: 'stopping', detail };
    if (hold?.kind === 'worker') return { state: running > 0 ? 'draining' : 'drained', detail };
    return { state: this.pausedUntil() > 0 ? 'paused' : 'working', detail };
  }

  get #hold(): Control | undefined {
    return (
      this.#controls.find('worker', `${this.#service}/${this.#instance}`) ??
      this.#controls.find('stage', this.#stage)
    );
  }

  #waitsFor(): string | null {
    const paused = this.circuits
      .upstreams()
      .flatMap((host) => this.#controls.findHost(host) ?? [])
      .map(describeControl);
    const away = this.circuits
      .open()
      .map(({ host, since, detail }) => `waits for ${host} since ${since.toISOString()}: ${detail}`);
    return [...paused, ...away].join('; ') || null;
  }
}
