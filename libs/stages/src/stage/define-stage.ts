import type { EventDefinition, StageName } from '@sluice/contracts';

/** Fields that the library copies from the consumed event to the emitted one. */
export type AssessmentField = 'assessmentId' | 'purl' | 'lane' | 'attempt';

/** How much of the files of a package version is here. */
export interface FetchedBytes {
  received: number;
  /** Null while a host has not said it. */
  total: number | null;
}

export interface AssessmentEventData {
  assessmentId: string;
  purl: string;
  lane: 'interactive' | 'bulk';
  attempt: number;
}

export interface StageLimits {
  /** Messages in work at once in one process, over both lanes. */
  concurrency: number;
  /** Attempts that count before the package version is failed; outages and shutdowns do not count. */
  attemptsMax: number;
  /** The broker delivers again after this long without a sign of life; one is sent every third of it. */
  ackWaitMs: number;
  /** The longest that one run may take before it is aborted and counted as failed. */
  deadlineMs: number;
  /** First wait before another try; it doubles from there. One second unless given. */
  retryBaseMs?: number;
}

/**
 * A stage is data plus two functions. `gather` does all the I/O and throws each failure as one of the error
 * kinds; `decide` is pure. Everything else (attempts, retries, dead letters, acks, traces) is the library's.
 */
export interface StageDefinition<
  In extends AssessmentEventData,
  Deps,
  Gathered,
  Out extends AssessmentEventData,
> {
  name: StageName;
  /** The service that runs it; the durable consumers are called `<service>-<lane>`. */
  service: string;
  consumes: EventDefinition<In>;
  emits: EventDefinition<Out>;
  limits: StageLimits;
  /**
   * The host that an event needs, as it stands in URLs; null when it needs none in particular. For a stage whose events
   * may need different ones: while one is away or paused, events that need another go on. Pure.
   */
  upstreamOf?(event: In, deps: Deps): string | null;
  /** Systems that every event needs beside its upstream, each the `host` of its outages. While one is away, all wait. */
  needs?: readonly string[];
  /** @param report takes how much was fetched, as often as it changes; for archives that take long. */
  gather(
    event: In,
    deps: Deps,
    signal: AbortSignal,
    report: (bytes: FetchedBytes) => void,
  ): Promise<Gathered>;
  decide(event: In, gathered: Gathered): Omit<Out, AssessmentField>;
}

export function defineStage<In extends AssessmentEventData, Deps, Gathered, Out extends AssessmentEventData>(
  stage: StageDefinition<In, Deps, Gathered, Out>,
): StageDefinition<In, Deps, Gathered, Out> {
  return stage;
}
