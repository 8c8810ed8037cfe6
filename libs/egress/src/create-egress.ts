import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { SpanKind, SpanStatusCode, trace, type Span } from '@opentelemetry/api';
import { errorCodeOf, PermanentError } from '@sluice/contracts';
import { cappedBody } from './capped-body.ts';
import { checkUrl, type CheckedUrl, type EgressRules } from './check-url.ts';
import { makeDispatchers, type ProxyOptions } from './dispatchers.ts';
import { HostSlots } from './host-slots.ts';
import { systemResolve, type Resolve } from './pinned-lookup.ts';
import { sendRequest } from './send-request.ts';
import { brokenOff, tooSlow, unavailable } from './upstream-errors.ts';

export interface EgressOptions extends EgressRules {
  timeouts?: {
    /** For name, TCP and TLS together. */
    connectMs?: number;
    /** Until the response's headers are there. */
    headersMs?: number;
    /** From the first packet to the last byte of the body, redirects and waiting for a slot included. */
    deadlineMs?: number;
  };
  /** Most bytes of one body, after decompression. */
  maxBytes?: number;
  perHostConcurrency?: number;
  userAgent?: string;
  /**
   * Why nothing is to be fetched from a host now, in words; undefined when it may be. Asked for each hop, with the host
   * as it stands in the URL.
   */
  paused?: (host: string) => string | undefined;
  /** Certificate authorities as PEM, trusted beside those that Node trusts. */
  ca?: string | undefined;
  /** The proxy to the outside; none unless given. */
  proxy?: ProxyOptions | undefined;
  /** Resolves host names; the system's resolver unless given. */
  resolve?: Resolve;
}

export interface FetchOptions {
  signal?: AbortSignal;
  maxBytes?: number;
  deadlineMs?: number;
  headers?: Record<string, string>;
  accept?: string;
  /** Asks for gzip and decompresses. Not for archives: their bytes are verified as sent. */
  compressed?: boolean;
  /** Asks for the rest of a body from this byte on, as long as it is still the one with this validator. */
  rest?: { from: number; validator: string };
  /** Sends this as a POST. A redirect of it is an answer like others, and not followed. */
  post?: { body: string; type: string };
}

export interface EgressResponse {
  status: number;
  /** By lower-case name; of repeated headers the first. */
  headers: Record<string, string>;
  /** Must be read to its end or destroyed: until then it holds one of the host's slots. */
  body: Readable;
  /** Where it came from in the end, after redirects. */
  url: string;
}

export interface Egress {
  /**
   * GETs a URL, or POSTs to it. Statuses other than 408, 429 and 5xx are the caller's to judge, a 404 for instance.
   * @throws PermanentError `egress.forbidden` before any packet is sent, RefusedRedirect for where an answer points to; PermanentError `egress.too-large`, from the
   * body as well; TransientError `upstream.paused`, with the host and no packet sent; TransientError `registry.unavailable`, with the host when the host is out of order and without it
   * from a body that the deadline cuts; TransientError `egress.broken-off` from a body that ends too early; the
   * signal's reason; TransientError `egress.certificate` with the host.
   */
  fetch(url: string, options?: FetchOptions): Promise<EgressResponse>;
  /** Like `fetch`, with the body read whole. */
  getBytes(url: string, options?: FetchOptions): Promise<Omit<EgressResponse, 'body'> & { bytes: Buffer }>;
  /** Ends connections that are open. */
  close(): Promise<void>;
}

const defaults = {
  // A host that has not completed a handshake in this time is down or far beyond use.
  connectMs: 10_000,
  // Some registries assemble metadata on request.
  headersMs: 30_000,
  // A body of one byte a second must not hold a stage longer than this.
  deadlineMs: 60_000,
  // The largest archive that is taken in.
  maxBytes: 512 * 1024 * 1024,
  // Registries throttle clients far above this; package managers keep about 15 sockets.
  perHostConcurrency: 16,
  userAgent: 'sluice/0.1',
};

const tracer = trace.getTracer('@sluice/egress');

/** The one way to the outside. `EgressRules` lists the allowed addresses. */
export function createEgress(options: EgressOptions): Egress {
  const perHost = options.perHostConcurrency ?? defaults.perHostConcurrency;
  const dispatchers = makeDispatchers({
    perHost,
    connectMs: options.timeouts?.connectMs ?? defaults.connectMs,
    headersMs: options.timeouts?.headersMs ?? defaults.headersMs,
    resolve: options.resolve ?? systemResolve,
    ca: options.ca,
    proxy: options.proxy,
  });
  const slots = new HostSlots(perHost);
  const userAgent = options.userAgent ?? defaults.userAgent;

  async function run(checked: CheckedUrl, request: FetchOptions, span: Span): Promise<EgressResponse> {
    const deadlineMs = request.deadlineMs ?? options.timeouts?.deadlineMs ?? defaults.deadlineMs;
    const deadline = new AbortController();
    let answered = false;
    const late = () =>
      answered
        ? tooSlow(checked.url.host, deadlineMs)
        : unavailable(checked.url.host, `no answer within ${deadlineMs} ms`);
    const timer = setTimeout(() => deadline.abort(late()), deadlineMs);
    const signal = request.signal ? AbortSignal.any([request.signal, deadline.signal]) : deadline.signal;
    let release: (() => void) | undefined;
    const finish = (error: unknown) => {
      clearTimeout(timer);
      release?.();
      endSpan(span, error);
    };
    try {
      release = await slots.take(checked.url.host, signal);
      const answer = await sendRequest(checked, {
        ...request,
        rules: options,
        paused: options.paused,
        userAgent,
        signal,
        dispatcherFor: (target) => dispatchers.for(target),
      });
      answered = true;
      span.setAttribute('http.response.status_code', answer.status);
      const maxBytes = request.maxBytes ?? options.maxBytes ?? defaults.maxBytes;
      if (Number(answer.headers['content-length']) > maxBytes && !isCompressed(answer.headers)) {
        answer.body.on('error', () => {}).destroy();
        throw new PermanentError('egress.too-large', `The answer has more than ${maxBytes} bytes.`);
      }
      const body = cappedBody(answer.body, {
        gunzip: request.compressed === true && isCompressed(answer.headers),
        maxBytes,
        toError: (cause) => (signal.aborted ? (signal.reason as Error) : brokenOff(checked.url.host, cause)),
        onClose: finish,
      });
      return { ...answer, body };
    } catch (error) {
      finish(error);
      throw error;
    }
  }

  const fetch: Egress['fetch'] = async (url, request = {}) => {
    const checked = checkUrl(url, options);
    const method = request.post ? 'POST' : 'GET';
    const attributes = {
      'http.request.method': method,
      'server.address': checked.url.hostname,
      'url.path': checked.url.pathname,
    };
    return await tracer.startActiveSpan(method, { kind: SpanKind.CLIENT, attributes }, (span) =>
      run(checked, request, span),
    );
  };

  return {
    fetch,
    async getBytes(url, request) {
      const { body, ...rest } = await fetch(url, request);
      return { ...rest, bytes: await buffer(body) };
    },
    async close() {
      await dispatchers.close();
    },
  };
}

function isCompressed(headers: Record<string, string>): boolean {
  return /^(?:x-)?gzip$/i.test(headers['content-encoding'] ?? '');
}

function endSpan(span: Span, error: unknown): void {
  if (error) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    span.setAttribute('error.type', errorCodeOf(error));
  }
  span.end();
}
