/** The wire of webhooks: signatures, bodies, and when to try again. Pure. */
export { digestTime } from './digest.ts';
export { mailMessage } from './mail-message.ts';
export { describe } from './describe.ts';
export { cloudEvent, type PublicEvent } from './public-event.ts';
export { circuitFailures, circuitWaitMs, retryWaitMs, triesMax } from './retry-schedule.ts';
export { makeSecret } from './secret.ts';
export { signedHeaders, type SignedMessage } from './sign.ts';
export { slackMessage } from './slack-message.ts';
