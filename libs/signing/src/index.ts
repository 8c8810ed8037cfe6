/** Decisions as signed statements (in-toto in DSSE), their keys, and their verification without a server. */
export * from './dsse.ts';
export * from './signing-keys.ts';
export * from './verdict-statement.ts';
export * from './verify-verdict.ts';
