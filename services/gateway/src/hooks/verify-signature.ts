import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/**
 * How git hosts say that a webhook is theirs, by header: an HMAC-SHA256 over the body in hex, with a prefix or without, or the secret itself.
 * Sources: GitHub, "Validating webhook deliveries"; Gitea and Forgejo, "Webhooks"; GitLab, "Webhooks: secret token".
 */
const headers: Readonly<Record<string, (body: Uint8Array, secret: string) => string>> = {
  'x-hub-signature-256': (body, secret) => `sha256=${hmac(body, secret)}`,
  'x-gitea-signature': hmac,
  'x-forgejo-signature': hmac,
  'x-gitlab-token': (_, secret) => secret,
};

/**
 * Whether a webhook is signed with a secret. One known header at least has to be there, and each that is has to fit. Takes the same time
 * wherever a signature differs. Pure.
 * @param body as it came.
 */
export function isSigned(
  given: (header: string) => string | undefined,
  body: Uint8Array,
  secret: string,
): boolean {
  const shown = Object.keys(headers).filter((header) => given(header) !== undefined);
  const fitting = shown.filter((header) => isSame(given(header)!, headers[header]!(body, secret)));
  return shown.length > 0 && fitting.length === shown.length;
}

function hmac(body: Uint8Array, secret: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

/** Digests have one length, so that the comparison takes one time. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
