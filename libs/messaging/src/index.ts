/** Delivery over NATS JetStream: the one library that talks to the broker and settles messages. */
export * from './commands.ts';
export * from './connection.ts';
export * from './control-bucket.ts';
export * from './define-stage.ts';
export * from './dead-letter-store.ts';
export { openDroppedAssessments, type DroppedAssessments } from './dropped-assessments.ts';
export * from './event-log.ts';
export type { OutageState } from './outage-gate.ts';
export * from './outbox-relay.ts';
export * from './publish.ts';
export * from './queue-state.ts';
export * from './start-consumer.ts';
export * from './start-stage.ts';
export * from './stream-watch.ts';
export * from './topology.ts';
export * from './watch-controls.ts';
export { announceWorker, listWorkers, type WorkerState } from './workers.ts';
