/** The words every service shares: events, evidence, submissions, errors, purls and ids. No I/O. */
export * from './bounded-text.ts';
export * from './commands.ts';
export * from './controls.ts';
export * from './define-event.ts';
export * from './error-codes.ts';
export * from './errors.ts';
export * from './events.ts';
export * from './evidence.ts';
export * from './ids.ts';
export * from './integrity.ts';
export * from './item-standing.ts';
export * from './json-pointer.ts';
export * from './known.ts';
export * from './moment.ts';
export * from './purl.ts';
export * from './submission.ts';
export * from './visible-text.ts';
