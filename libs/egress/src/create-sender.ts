import type { Readable } from 'node:stream';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { errorCodeOf } from '@sluice/contracts';
import { request as undiciRequest, type Dispatcher } from 'undici';
import { certificateError } from './certificate-errors.ts';
import { checkUrl, type CheckedUrl, type EgressRules } from './check-url.ts';
import { makeDispatchers, type ProxyOptions } from './dispatchers.ts';
import { codedCause, firstHeaders } from './read-response.ts';
import { systemResolve, type Resolve } from './pinned-lookup.ts';
import { unavailable } from './upstream-errors.ts';

export interface SenderOptions extends EgressRules {
  /** For name, TCP, TLS and answer together, in milliseconds. */
  deadlineMs: number;
  /** Of an answer no more than this is read, in bytes. */
  answerMaxBytes: number;
  /** Connections to one origin, at most. */
  perHost: number;
  userAgent: string;
  ca?: string | undefined;
  proxy?: ProxyOptions | undefined;
  /** Resolves host names; the system's resolver unless given. */
  resolve?: Resolve;
}

export interface SentAnswer {
  status: number;
  /** By lower-case name; of repeated headers the first. */
  headers: Record<string, string>;
  /** The beginning of the body, as UTF-8; bytes that are none are replaced. */
  text: string;
}

export interface Sender {
  /**
   * POSTs a body once. Every status is the caller's to judge, and no redirect is followed.
   * @throws PermanentError `egress.forbidden` before any packet is sent; TransientError `registry.unavailable` for no answer in time,
   * `egress.certificate`; the signal's reason.
   */
  post(
    url: string,
    request: { body: string; headers: Record<string, string>; signal?: AbortSignal },
  ): Promise<SentAnswer>;
  /** Ends connections that are open. */
  close(): Promise<void>;
}

const tracer = trace.getTracer('@sluice/egress');

/** Sends messages to receivers that people name. `EgressRules` lists where they may be. */
export function createSender(options: SenderOptions): Sender {
  const { deadlineMs, perHost, ca, proxy, resolve = systemResolve } = options;
  const dispatchers = makeDispatchers({
    perHost,
    connectMs: deadlineMs,
    headersMs: deadlineMs,
    resolve,
    ca,
    proxy,
  });
  return {
    async post(url, { body, headers, signal }) {
      const target = checkUrl(url, options);
      // Without the path, which may hold a secret of the receiver.
      const attributes = { 'http.request.method': 'POST', 'server.address': target.url.hostname };
      return await tracer.startActiveSpan('POST', { kind: SpanKind.CLIENT, attributes }, async (span) => {
        const deadline = new AbortController();
        const late = () => deadline.abort(unavailable(target.url.host, `no answer within ${deadlineMs} ms`));
        const timer = setTimeout(late, deadlineMs);
        try {
          const either = signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal;
          const sent = { body, headers: { ...headers, 'user-agent': options.userAgent }, signal: either };
          const response = await send(target, dispatchers.for(target), sent);
          span.setAttribute('http.response.status_code', response.statusCode);
          const text = await beginningOf(response.body, options.answerMaxBytes);
          return { status: response.statusCode, headers: firstHeaders(response.headers), text };
        } catch (error) {
          span.setStatus({ code: SpanStatusCode.ERROR });
          span.setAttribute('error.type', errorCodeOf(error));
          throw error;
        } finally {
          clearTimeout(timer);
          span.end();
        }
      });
    },
    async close() {
      await dispatchers.close();
    },
  };
}

async function send(
  { url }: CheckedUrl,
  dispatcher: Dispatcher,
  request: { body: string; headers: Record<string, string>; signal: AbortSignal },
): Promise<Dispatcher.ResponseData> {
  try {
    return await undiciRequest(url, { ...request, method: 'POST', dispatcher });
  } catch (cause) {
    if (request.signal.aborted) throw request.signal.reason;
    const why = `no answer (${(cause as NodeJS.ErrnoException).code ?? 'error'})`;
    throw codedCause(cause) ?? certificateError(url.host, cause) ?? unavailable(url.host, why, { cause });
  }
}

/** The status has told the fate of the message: a body that is endless, slow or broken changes nothing of it. */
async function beginningOf(body: Readable, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= maxBytes) break;
    }
  } catch {
    // The part that came is shown.
  }
  body.on('error', () => {}).destroy();
  return Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8');
}
