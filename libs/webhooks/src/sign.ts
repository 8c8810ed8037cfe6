import { createHmac } from 'node:crypto';
import { secretBytes } from './secret.ts';

/** The signed parts of a message. */
export interface SignedMessage {
  /** The same for each try of a delivery. */
  id: string;
  /** The moment of this try: receivers refuse one that is some minutes old. */
  at: Date;
  body: string;
}

/**
 * The headers of a webhook, with a signature for each secret that is valid now.
 * Source: Standard Webhooks 1.0.0, "Webhook headers" and "Signature scheme" (symmetric, `v1`).
 * @param secrets newest first, each `whsec_…`.
 */
export function signedHeaders(
  { id, at, body }: SignedMessage,
  secrets: readonly string[],
): Record<string, string> {
  const timestamp = Math.floor(at.getTime() / 1_000);
  const signatures = secrets.map((secret) => {
    const content = `${id}.${timestamp}.${body}`;
    return `v1,${createHmac('sha256', secretBytes(secret)).update(content).digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  };
}
