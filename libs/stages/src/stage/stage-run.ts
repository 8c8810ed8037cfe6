import type { Lane } from '@sluice/contracts';
import type { Logger } from '@sluice/runtime';
import type { Tracer } from '@opentelemetry/api';
import type { AttemptLedger, LastTries } from '@sluice/delivery';
import type { Bus } from '@sluice/broker';
import type { AssessmentEventData, FetchedBytes, StageDefinition } from './define-stage.ts';
import type { DroppedWatch } from '../gate/dropped-assessments.ts';
import type { StageGate } from '../gate/stage-gate.ts';

/** Shared context of the messages of a running stage. */
export interface StageRun<In extends AssessmentEventData, Deps, Gathered, Out extends AssessmentEventData> {
  bus: Bus;
  stage: StageDefinition<In, Deps, Gathered, Out>;
  deps: Deps;
  ledger: AttemptLedger;
  lastTries: LastTries;
  gate: StageGate;
  log: Logger;
  tracer: Tracer;
  lane: Lane;
  stopping: AbortSignal;
  dropped: Pick<DroppedWatch, 'has'>;
  inWork: InWork;
  /** Called when the messages in work changed. */
  onInWork: () => void;
}

/** A package version in work. */
export interface Work {
  purl: string;
  assessmentId: string;
  attempt: number;
  since: string;
  lane: Lane;
  /** Of its archives, while they are fetched. */
  bytes: FetchedBytes | null;
}
/** Package versions in work, by message, oldest first. */
export type InWork = Map<object, Work>;
