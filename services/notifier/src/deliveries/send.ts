import { errorCodeOf } from '@sluice/contracts';
import { parseRetryAfter } from '@sluice/egress';
import { cloudEvent, mailMessage, signedHeaders, slackMessage, type PublicEvent } from '@sluice/webhooks';
import type { NotifierDeps } from '../deps.ts';
import { placeOf } from '../secrets/reseal.ts';
import type { Sealing } from '../secrets/sealing.ts';
import type { Claimed, Receiver } from './claim.ts';

/** The outcome of a try. */
export interface Outcome {
  at: Date;
  durationMs: number;
  /** Null when there was no answer. */
  status: number | null;
  /** Code and words; null for a success. */
  error: string | null;
  response: string | null;
  isDelivered: boolean;
  /** The receiver is gone for good. */
  isGone: boolean;
  /** How long the receiver asks to be left alone, in milliseconds; null when it does not. */
  retryAfterMs: number | null;
}

/** A receiver that asks for more than a day is asked again after one. */
const retryAfterMaxMs = 24 * 3_600_000;
const errorMaxChars = 500;

/** Where a webhook's messages go, and how they are signed. */
export interface Address {
  url: string;
  /** Newest first; none for a format that is not signed. */
  secrets: string[];
}

/** @throws PermanentError `webhook.sealed`. */
export function unsealAddress(receiver: Receiver, sealing: Sealing, now: Date): Address {
  const { id, sealedUrl, sealedSecret, sealedPrevious, previousUntil } = receiver;
  const isTwofold = sealedPrevious !== null && previousUntil !== null && previousUntil > now;
  return {
    url: sealing.unseal(sealedUrl, placeOf(id, 'sealed_url')),
    secrets: [
      ...(sealedSecret === null ? [] : [sealing.unseal(sealedSecret, placeOf(id, 'sealed_secret'))]),
      ...(isTwofold ? [sealing.unseal(sealedPrevious, placeOf(id, 'sealed_previous'))] : []),
    ],
  };
}

/** The text of a message. Pure. */
export function bodyOf(event: PublicEvent, format: Receiver['format']): string {
  if (format === 'email') return mailMessage([event]).text;
  return JSON.stringify(format === 'slack' ? slackMessage(event) : cloudEvent(event));
}

/** Sends a message once. Every failure is an outcome. */
export async function sendOnce(
  delivery: Claimed,
  receiver: Receiver,
  { url, secrets }: Address,
  { sender, now }: Pick<NotifierDeps, 'sender' | 'now'>,
): Promise<Outcome> {
  const at = now();
  const started = performance.now();
  const body = bodyOf({ ...delivery, id: delivery.eventId }, receiver.format);
  // At each try: receivers refuse old timestamps.
  const signed = secrets.length === 0 ? {} : signedHeaders({ id: delivery.id, at, body }, secrets);
  const headers = { 'content-type': 'application/json', ...signed };
  const taken = () => ({ at, durationMs: Math.round(performance.now() - started) });
  try {
    const { status, headers: answered, text } = await sender.post(url, { body, headers });
    const isDelivered = status >= 200 && status < 300;
    const asked = parseRetryAfter(answered['retry-after'], at.getTime(), retryAfterMaxMs);
    return {
      ...taken(),
      status,
      error: isDelivered ? null : refusal(status),
      // Postgres takes no NUL.
      response: text.replaceAll('\u0000', '�'),
      isDelivered,
      isGone: status === 410,
      retryAfterMs: isDelivered ? null : (asked ?? null),
    };
  } catch (error) {
    const words = `${errorCodeOf(error)}: ${(error as Error).message}`;
    const shown = words.replaceAll(url, '…').slice(0, errorMaxChars);
    const none = { status: null, response: null, isDelivered: false, isGone: false, retryAfterMs: null };
    return { ...taken(), ...none, error: shown };
  }
}

/** Sends several messages as one mail; all of them have its outcome. */
export async function sendMail(
  deliveries: readonly Claimed[],
  { url }: Address,
  { mailer, now }: Pick<NotifierDeps, 'mailer' | 'now'>,
): Promise<Outcome> {
  const at = now();
  const started = performance.now();
  const [first] = deliveries;
  const none = { status: null, response: null, isGone: false, retryAfterMs: null };
  const ended = (isDelivered: boolean, error: string | null, response: string | null): Outcome => ({
    ...none,
    at,
    durationMs: Math.round(performance.now() - started),
    isDelivered,
    error,
    response,
  });
  if (mailer === null) return ended(false, 'mail.unavailable: The notifier has no SMTP_URL.', null);
  try {
    const to = url.replace(/^mailto:/i, '');
    const host = mailer.from.replace(/^.*@/s, '').replace(/>.*$/s, '');
    const messageId = `<${first!.id}.${deliveries.length}@${host}>`;
    return ended(true, null, await mailer.send({ to, messageId, ...mailMessage(deliveries) }));
  } catch (error) {
    return ended(false, `${errorCodeOf(error)}: ${(error as Error).message}`.slice(0, errorMaxChars), null);
  }
}

function refusal(status: number): string {
  return status >= 300 && status < 400
    ? `The receiver answered ${status}; redirects are not followed.`
    : `The receiver answered ${status}.`;
}
