import { errorCodes, type ErrorCode } from '@sluice/contracts';
import type { Sent } from './gate-request.ts';

/** A refused request, in all forms in which clients show one. */
export interface Refusal {
  code: ErrorCode;
  /** The sentence that people read. */
  message: string;
  /** For programs: the package version, its state, the reasons, the nearest approved version. */
  details?: Record<string, unknown>;
  headers?: Record<string, string>;
  /** Where the client is sent to read why, when it shows nothing but an address. */
  redirect?: string;
}

/** Clients cut longer phrases off, and proxies refuse them. */
const phraseMax = 200;

/**
 * Text as a reason phrase (RFC 9112, 4): a name may hold what a status line must not, and Node refuses the answer then.
 */
export function asPhrase(text: string): string {
  const clean = text.replaceAll(/[^\x20-\x7e]+/g, '?').trim();
  return clean.length > phraseMax ? `${clean.slice(0, phraseMax - 3)}...` : clean;
}

/**
 * A refusal as it is sent. Which part of it a person sees depends on the client: most show the phrase, others the
 * body's `error`, and some a header besides.
 */
export function renderRefusal(
  { code, message, details = {}, headers = {}, redirect }: Refusal,
  noticeHeaders: (sentence: string) => Record<string, string>,
): Sent {
  const { status, remedy } = errorCodes[code];
  const phrase = asPhrase(message);
  return {
    status: redirect === undefined ? status : 302,
    phrase,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      ...noticeHeaders(phrase),
      'x-error-message': phrase,
      ...(redirect === undefined ? {} : { location: encodeURI(redirect) }),
      ...headers,
    },
    body: JSON.stringify({ error: `${message} ${remedy}`, code, ...details }),
  };
}
