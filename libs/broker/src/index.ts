/** The broker: connection, streams, buckets, publishing and commands. The one library that talks to NATS; it knows no event. */
export {
  bucketKeys,
  bucketStream,
  bucketSubject,
  buckets,
  openBucket,
  workerGoneMs,
  type Bucket,
  type BucketName,
} from './buckets/bucket.ts';
export { sharedStoreId, type SharedStoreId } from './buckets/shared-store-id.ts';
export { sendCommand, serveCommand, subjectOfCommand, type CommandDefinition } from './commands.ts';
export { asBrokerOutage } from './connection/broker-outage.ts';
export { addBusHealth, connectBus, type Bus, type BusOptions } from './connection/connection.ts';
export { endOfTurn } from './connection/end-of-turn.ts';
export { answerPrefix, inboxPrefix } from './connection/inboxes.ts';
export { createNatsSeed, natsPublicKey } from './connection/nats-key.ts';
export { busOptionsOf, type NatsAccess } from './connection/nats-access.ts';
export { connectService, openBus } from './connection/open-bus.ts';
export { startWithBroker } from './connection/start-with-broker.ts';
export { publish, publishRaw, type OutgoingMessage } from './publish.ts';
export { currentPositions, keepPositions } from './streams/consumer-positions.ts';
export {
  bucketConfig,
  deadLettersStream,
  defaultTopologyLimits,
  eventsStream,
  streamConfigs,
  widened,
  type TopologyLimits,
  type WantedStream,
} from './streams/stream-configs.ts';
export {
  consumerState,
  currentStream,
  ensureConsumer,
  ensureTopology,
  isConsumerGone,
  streamIdentity,
  isReadable,
  retireConsumers,
  widenStream,
  type ConsumerSpec,
} from './streams/topology.ts';
export type {
  Consumer,
  ConsumerMessages,
  JsMsg,
  MsgHdrs,
  StoredMsg,
  StreamInfo,
} from './streams/messages.ts';
export { readStream } from './streams/read-stream.ts';
export { brokerStorage, storedAfter, streamFill } from './streams/storage.ts';
