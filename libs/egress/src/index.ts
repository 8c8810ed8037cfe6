/** The only code that talks to the outside. */
export * from './create-egress.ts';
export { createMailer, type Mailer } from './create-mailer.ts';
export { createSender, type Sender, type SenderOptions, type SentAnswer } from './create-sender.ts';
export type { EgressRules } from './check-url.ts';
export type { ProxyOptions } from './dispatchers.ts';
export { findWay, type Way, type WayOptions } from './find-way.ts';
export type { Resolve } from './pinned-lookup.ts';
export { parseRetryAfter } from './retry-after.ts';
export { serverFetch } from './server-fetch.ts';
export { RefusedRedirect } from './upstream-errors.ts';
