/** The policy document, the judge and its reasons. No I/O. */
export * from './circumstances.ts';
export * from './judge-item.ts';
export { approversFor, approversForCode, endOf, judge, mayOverride } from './judge.ts';
export * from './license-outcome.ts';
export { isWaivable, reasonTexts, type ReasonCode } from './reasons.ts';
export * from './reviewed-licenses.ts';
export { parsePolicy, policySchema, type Policy, type PolicyDocument, type PolicyOutcome } from './schema.ts';
export { parseScopes, type ScopeEntry } from './scopes.ts';
export { readVersionRange } from './version-range.ts';
