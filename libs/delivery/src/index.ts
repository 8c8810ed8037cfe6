/** Delivery of events: consumers, attempts, circuits, outbox and inbox, dead letters, the event log. It knows no stage. */
export { openAttemptLedger, type AttemptLedger } from './attempts/attempt-ledger.ts';
export { recordAudit, type Act } from './audit/record-audit.ts';
export { LastTries, diedAlways, type LastTry } from './attempts/last-tries.ts';
export { fateOf, keepAlive, runBounded, type Fate } from './attempts/settle.ts';
export { Circuits } from './circuits/circuits.ts';
export type { OutageState } from './circuits/outage-gate.ts';
export { consumerMetrics, durationBuckets } from './consumer/consumer-metrics.ts';
export { consumerName, queuesOf } from './consumer/consumer-names.ts';
export type { BatchHandler, ConsumerDefinition, Received } from './consumer/define-consumer.ts';
export { startConsumer } from './consumer/start-consumer.ts';
export { deliveryMigrations } from './delivery-migrations.ts';
export { claimEvents } from './inbox/inbox.ts';
export {
  countDeadLetters,
  eachDeadLetter,
  listDeadLetters,
  readDeadLetter,
  removeDeadLetter,
  republishDeadLetter,
  type DeadLetter,
  type DeadLetterFilter,
  type DeadLetterSummary,
} from './letters/dead-letter-store.ts';
export { deadLetter, type DeadLetterInfo } from './letters/dead-letters.ts';
export { releaseParkedCommand, serveReleasing, startReleasing } from './letters/release-parked.ts';
export { readEventLog, readEventLogUpTo, type LoggedMessage, type ReadOptions } from './log/event-log.ts';
export { noticeLostMessages, noticeLostStream, streamLosses } from './log/stream-watch.ts';
export { watchTopology } from './log/topology-watch.ts';
export { startOutboxRelay, type OutboxRelay } from './outbox/outbox-relay.ts';
export { addToOutbox, hasBacklog, withOutbox, type OutboxMessage, type OutboxRow } from './outbox/outbox.ts';
export { askToRepublish, republishCommand } from './outbox/republish.ts';
export { toMessage } from './outbox/to-message.ts';
export { Puller } from './pull/puller.ts';
export { SlotPool } from './pull/slot-pool.ts';
