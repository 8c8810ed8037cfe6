/** Finds, starts and stops local nats-server and Postgres processes. */
export { childRecords, type ChildRecord, type ChildRecords } from './child-records.ts';
export { startChild, logTail, type Child, type ChildExit, type ChildOptions } from './child.ts';
export { findNatsServer, type FindNatsServerOptions, type NatsServerBinary } from './find-nats-server.ts';
export { findPromtool } from './find-promtool.ts';
export { type NatsServerSettings } from './nats-config.ts';
export { freePort, isFreePort, requireFreePort, requireOwnAddress } from './ports.ts';
export { postgresFolder } from './postgres-home.ts';
export { readNatsInfo, type NatsInfo } from './nats-info.ts';
export { isAlive, processIdentity } from './process-identity.ts';
export { SetupError, type OnStep } from './setup-error.ts';
export { startNatsServer, type RunningNatsServer, type StartNatsServerOptions } from './start-nats-server.ts';
export { startNatsCluster, type NatsCluster, type NatsNode } from './start-nats-cluster.ts';
export { startPostgres, type RunningPostgres, type StartPostgresOptions } from './start-postgres.ts';
