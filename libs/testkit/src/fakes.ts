/** The part of the kit that needs no test runner: the outside world, made up. */
export { layOutBroker } from './lay-out-broker.ts';
export * from './fake-git-server.ts';
export * from './fake-host.ts';
export * from './integrity-of.ts';
export * from './tar-builder.ts';
export * from './wait-for.ts';
export * from './zip-builder.ts';
