/** Accepted submissions: the messages that hand them on, and noticing those that got lost. Knows no table but `submissions`. */
export { lostSubmissions } from './lost-submissions.ts';
export { putBackLost, type AcceptedKind, type PutBackDeps } from './put-back-lost.ts';
export { submittedMessage, type StoredSubmission } from './submitted-message.ts';
