import type { Control } from '@sluice/contracts';
import type { Logger } from '@sluice/runtime';
import { consumerMetrics } from '../consumer/consumer-metrics.ts';
import { OutageGate, type Outage, type OutageState } from './outage-gate.ts';

/** Key of the one circuit for stages without `upstreamOf`. */
const anyUpstream = '*';
/** Longest wait for a system that every message needs: three stages wait for it in turn, within 15 s. */
const neededWaitMaxMs = 5_000;
/** Hosts come from configuration, but a wildcard in it has no end. */
const upstreamsMax = 100;

export interface CircuitsOptions {
  /** Service, for metrics and the log. */
  consumer: string;
  log: Logger;
  /** Finds the control that holds a host, given as it stands in a URL. */
  controls: { findHost(host: string): Control | undefined };
  /** Systems that every message needs beside its upstream, by their names in outages. */
  needs?: readonly string[] | undefined;
  /** First wait before an upstream is tried again; it doubles from there. */
  retryBaseMs?: number | undefined;
  /** Called whenever work may be possible again, or something else about a circuit changed. */
  onChange: () => void;
}

/**
 * The circuits of one stage in one process, one per upstream that its messages need. A message whose upstream is
 * away, or was paused, waits; the others go on. Only when every upstream that was ever needed is away does
 * the stage stop asking for work. Where messages cannot be told apart there is one circuit for all of them. A system that every
 * message needs has a circuit of its own: while that is open, all wait.
 */
export class Circuits {
  readonly #options: CircuitsOptions;
  readonly #gates = new Map<string, OutageGate>();
  readonly #needed: ReadonlyMap<string, OutageGate>;

  constructor(options: CircuitsOptions) {
    this.#options = options;
    this.#needed = new Map((options.needs ?? []).map((need) => [need, this.#makeGate(neededWaitMaxMs)]));
  }

  /** @param upstream of the message; null when the stage cannot tell. */
  succeeded(upstream: string | null): void {
    this.#gate(upstream).succeeded();
    for (const gate of this.#needed.values()) gate.succeeded();
  }

  /** Closes the circuit if there is one: any answer counts, also an error. Creates no circuit. */
  answered(upstream: string | null): void {
    this.#gates.get(upstream ?? anyUpstream)?.succeeded();
  }

  /** @param retryAfterMs how long the upstream asked us to stay away. */
  failed(upstream: string | null, outage: Outage, retryAfterMs: number | undefined, now = new Date()): void {
    (this.#needed.get(outage.host) ?? this.#gate(upstream)).failed(outage, retryAfterMs, now);
  }

  /**
   * Whether a message that needs this upstream has to wait: it is paused, or it or a system that every message needs is away and
   * not to be tried yet.
   */
  blocks(upstream: string | null, now = new Date()): boolean {
    const isAway = ({ state }: OutageGate) => state !== null && now < state.probeAt;
    if ([...this.#needed.values()].some(isAway)) return true;
    if (upstream === null) return false;
    const gate = this.#gates.get(upstream);
    if (gate && isAway(gate)) return true;
    const isPaused = this.#options.controls.findHost(upstream) !== undefined;
    if (isPaused && !gate) {
      // It counts as one that is needed from now on, and may be the only one.
      this.#gate(upstream);
      this.#options.onChange();
    }
    return isPaused;
  }

  /** When work may be asked for again: 0 for now, infinity when unknown. In milliseconds since 1970. */
  pausedUntil(): number {
    const needed = [...this.#needed.values()].map(({ state }) => state?.probeAt.getTime() ?? 0);
    return Math.max(this.#upstreamsPausedUntil(), ...needed);
  }

  #upstreamsPausedUntil(): number {
    if (this.#gates.size === 0) return 0;
    let until = Infinity;
    for (const [upstream, { state }] of this.#gates) {
      if (this.#options.controls.findHost(upstream)) continue;
      if (!state) return 0;
      until = Math.min(until, state.probeAt.getTime());
    }
    return until;
  }

  /** The circuits that are open. */
  open(): OutageState[] {
    return [...this.#needed.values(), ...this.#gates.values()].flatMap(({ state }) => (state ? [state] : []));
  }

  /** Every upstream that a message needed. */
  upstreams(): string[] {
    return [...this.#gates.keys()].filter((upstream) => upstream !== anyUpstream);
  }

  /** Closes circuits that a pause had opened, when the pause ends. */
  controlsChanged(): void {
    for (const gate of this.#gates.values()) if (gate.state?.code === 'upstream.paused') gate.succeeded();
  }

  #gate(upstream: string | null): OutageGate {
    const name = upstream ?? anyUpstream;
    const known = this.#gates.get(name);
    if (known) return known;
    this.#forgetOne();
    const gate = this.#makeGate();
    this.#gates.set(name, gate);
    return gate;
  }

  #makeGate(waitMaxMs?: number): OutageGate {
    const { consumer, log, onChange, retryBaseMs } = this.#options;
    let shown: string | undefined;
    const show = (host: string | undefined) => {
      if (shown !== undefined && shown !== host)
        consumerMetrics.circuitOpen.set({ consumer, host: shown }, 0);
      if (host !== undefined) consumerMetrics.circuitOpen.set({ consumer, host }, 1);
      shown = host;
    };
    return new OutageGate(
      (state) => {
        log.warn({ ...state }, `${consumer} waits for ${state.host}`);
        show(state.host);
        onChange();
      },
      (state) => {
        log.info({ host: state.host }, `${state.host} is back`);
        show(undefined);
        onChange();
      },
      retryBaseMs,
      waitMaxMs,
    );
  }

  #forgetOne(): void {
    if (this.#gates.size < upstreamsMax) return;
    for (const [upstream, gate] of this.#gates) {
      if (gate.state) continue;
      this.#gates.delete(upstream);
      return;
    }
  }
}
