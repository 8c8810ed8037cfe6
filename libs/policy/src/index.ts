/** The policy document, the judge and its reasons. No I/O. */
export * from './judge-item.ts';
export { cooldownEndOf, judge, mayOverride } from './judge.ts';
export * from './license-outcome.ts';
export * from './reasons.ts';
export * from './schema.ts';
