import type { Readable } from 'node:stream';
import { PermanentError } from '@sluice/contracts';
import { request as undiciRequest, type Dispatcher } from 'undici';
import { certificateError } from './certificate-errors.ts';
import { checkUrl, parseUrl, type CheckedUrl, type EgressRules } from './check-url.ts';
import { codedCause, firstHeaders } from './read-response.ts';
import { parseRetryAfter } from './retry-after.ts';
import { pausedHost, RefusedRedirect, unavailable } from './upstream-errors.ts';

export interface SendOptions {
  rules: EgressRules;
  /** See `EgressOptions.paused`. */
  paused: ((host: string) => string | undefined) | undefined;
  userAgent: string;
  signal: AbortSignal;
  accept?: string;
  compressed?: boolean;
  headers?: Record<string, string>;
  rest?: { from: number; validator: string };
  post?: { body: string; type: string };
  /** The connections that a URL may use. */
  dispatcherFor(target: CheckedUrl): Dispatcher;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Readable;
  url: string;
}

/** Registries redirect once or twice, to their file hosts. */
const redirectsMax = 5;
const redirectStatuses = new Set([301, 302, 303, 307, 308]);

/**
 * Sends a GET and follows redirects, each of which has to pass the rules like the first URL; or a POST, whose answer is as it comes.
 * @throws see `Egress.fetch`.
 */
export async function sendRequest(first: CheckedUrl, options: SendOptions): Promise<Answer> {
  let answer = await sendOnce(first, options.headers, options);
  if (options.post) return answer;
  try {
    for (let hop = 0; hop < redirectsMax; hop += 1) {
      const location = locationOf(answer);
      if (location === undefined) return answer;
      discard(answer.body);
      const target = checkUrl(parseUrl(location, new URL(answer.url))?.href ?? location, options.rules);
      // Credentials and the like are for the host that they were given for, not for one it points to.
      const own = target.url.origin === first.url.origin ? options.headers : undefined;
      answer = await sendOnce(target, own, options);
    }
  } catch (error) {
    throw error instanceof PermanentError ? new RefusedRedirect(first.url.host, error) : error;
  }
  if (locationOf(answer) === undefined) return answer;
  discard(answer.body);
  const why = new PermanentError('egress.forbidden', `More than ${redirectsMax} redirects.`);
  throw new RefusedRedirect(first.url.host, why);
}

function locationOf({ status, headers }: Answer): string | undefined {
  return redirectStatuses.has(status) ? headers.location : undefined;
}

async function sendOnce(
  target: CheckedUrl,
  own: Record<string, string> | undefined,
  options: SendOptions,
): Promise<Answer> {
  const { host } = target.url;
  const why = options.paused?.(host);
  if (why !== undefined) throw pausedHost(host, why);
  const { rest, post } = options;
  const headers = {
    ...own,
    // No credential: the file host that a registry points to is asked for the rest, too.
    ...(rest ? { range: `bytes=${rest.from}-`, 'if-range': rest.validator } : {}),
    'user-agent': options.userAgent,
    accept: options.accept ?? '*/*',
    'accept-encoding': options.compressed ? 'gzip' : 'identity',
    ...(post ? { 'content-type': post.type } : {}),
  };
  let response: Dispatcher.ResponseData;
  try {
    response = await undiciRequest(target.url, {
      dispatcher: options.dispatcherFor(target),
      signal: options.signal,
      headers,
      ...(post ? { method: 'POST', body: post.body } : {}),
    });
  } catch (cause) {
    if (options.signal.aborted) throw options.signal.reason;
    throw (
      codedCause(cause) ??
      certificateError(host, cause) ??
      unavailable(host, `no answer (${(cause as NodeJS.ErrnoException).code ?? 'error'})`, { cause })
    );
  }
  const status = response.statusCode;
  const answer = {
    status,
    headers: firstHeaders(response.headers),
    body: response.body,
    url: target.url.href,
  };
  if (status !== 408 && status !== 429 && status < 500) return answer;
  discard(answer.body);
  const retryAfterMs = parseRetryAfter(answer.headers['retry-after'], Date.now());
  throw unavailable(host, `status ${status}`, { retryAfterMs });
}

/** Drops an unread body; without a listener its end would be an uncaught error. */
function discard(body: Readable): void {
  body.on('error', () => {}).destroy();
}
