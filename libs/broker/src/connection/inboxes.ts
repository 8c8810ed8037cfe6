/**
 * Where a service hears what it asked for. The services have inboxes of their own, so that a right to subscribe to the own
 * one is none to read the answers to others.
 */
export const inboxPrefix = (service: string): string => `_INBOX_${service}`;

/**
 * Where the answers to commands come: below the name of the service that answers, which may publish there and nowhere
 * else, and the name of the one that asked, which may listen there.
 */
export const answerPrefix = (answers: string, asked: string): string => `_ANSWER.${answers}.${asked}`;
