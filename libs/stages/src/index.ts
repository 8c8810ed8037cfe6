/** Stages: their definition and run, what holds them, and the list of workers and queues. */
export { assertControls, openControlBucket, readControls } from './gate/control-bucket.ts';
export { openDroppedAssessments, type DroppedAssessments } from './gate/dropped-assessments.ts';
export { openControls, watchControls, type ControlWatch } from './gate/watch-controls.ts';
export {
  defineStage,
  type AssessmentEventData,
  type AssessmentField,
  type FetchedBytes,
  type StageDefinition,
  type StageLimits,
} from './stage/define-stage.ts';
export { stageDurable } from './stage/stage-durable.ts';
export { startStage, type RunningStage } from './stage/start-stage.ts';
export { readQueues, type QueueState } from './workers/queue-state.ts';
export { announceService, announceWorker, listWorkers, type WorkerState } from './workers/workers.ts';
