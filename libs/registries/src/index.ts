/** Package registries: metadata, artifact addresses, integrity. */
export * from './byte-digests.ts';
export * from './host-witness.ts';
export * from './packument-cache.ts';
export * from './single-flight.ts';
export * from './unusable-answer.ts';
export * from './verify-statement.ts';
