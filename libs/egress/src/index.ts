/** The only code that talks to the outside. */
export * from './create-egress.ts';
export type { EgressRules } from './check-url.ts';
export type { ProxyOptions } from './dispatchers.ts';
export { findWay, type Way, type WayOptions } from './find-way.ts';
export type { Resolve } from './pinned-lookup.ts';
export { RefusedRedirect } from './upstream-errors.ts';
