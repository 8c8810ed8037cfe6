import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { RequestError, getRequestListener } from '@hono/node-server';
import { errorCodes, type ErrorCode } from '@sluice/contracts';
import { createListener, startListening, type TlsIdentity } from '@sluice/runtime';
import { drainAfterAnswer, type DrainLimits } from './drain-request.ts';
import { securityHeaders } from '../guards/security-headers.ts';
import { problemBody, problemType } from './problem.ts';

/** An app as the server sees it. */
interface Answering {
  fetch(request: Request, env: object): Response | Promise<Response>;
}

/** Headers beyond this are answered with 431 before any route sees them. */
const maxHeaderSize = 16 * 1024;
/**
 * Clients and proxies keep an idle connection for up to 60 s. The server keeps it longer: if it closed first, a request
 * could arrive at a closed connection.
 */
const keepAliveTimeout = 75_000;
/** Counts from the last answer on: it must be longer than an idle time. */
const headersTimeout = keepAliveTimeout + 5_000;
/** 64 MB: twice the largest body by default. 30 s: as long as such a body may take to arrive. */
const drainDefaults: DrainLimits = { maxBytes: 64 * 1024 * 1024, maxMs: 30_000 };
/** Open streams end with the stop signal; a connection that is left after that is cut off. */
const cutOffMs = 2_000;

interface ListenOptions {
  host: string;
  port: number;
  /** Serves HTTPS with it. */
  tls?: TlsIdentity | undefined;
  drain?: DrainLimits;
}

/**
 * Serves the app over HTTP. Requests that are none, and never reach it, are answered as problems too.
 * @throws when the port is taken.
 */
export async function listen(
  app: Answering,
  { host, port, tls, drain = drainDefaults }: ListenOptions,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const respond = getRequestListener((request, env) => app.fetch(request, env), {
    hostname: host,
    autoCleanupIncoming: false,
    errorHandler: (error) => {
      const body =
        error instanceof RequestError
          ? problemBody('input.invalid', 'The address or the Host header of the request is not valid.')
          : problemBody('internal', errorCodes.internal.title);
      const headers = { ...securityHeaders, 'content-type': problemType };
      return new Response(JSON.stringify(body), { status: body.status, headers });
    },
  });
  // A request without a Host header is refused like one with a wrong one: by the app, as a problem.
  const answer = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    drainAfterAnswer(incoming, outgoing, drain);
    void respond(incoming, outgoing);
  };
  const listener = createListener(
    tls,
    { maxHeaderSize, requireHostHeader: false, keepAliveTimeout, headersTimeout },
    answer,
  );
  // An expectation that is not known may be passed over (RFC 9110, 10.1.1); left alone, it is answered with nothing but 417.
  listener.server.on('checkExpectation', answer);
  listener.server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) =>
    refuse(error.code, socket),
  );
  return startListening(listener, { host, port, cutOffMs });
}

const protocolErrors: Record<string, { code: ErrorCode; detail: string }> = {
  HPE_HEADER_OVERFLOW: {
    code: 'input.headers-too-large',
    detail: `The headers may have ${maxHeaderSize} bytes.`,
  },
  ERR_HTTP_REQUEST_TIMEOUT: { code: 'input.slow-body', detail: 'The request did not arrive in time.' },
};

/** Answers a request that the HTTP parser gave up on, and ends the connection: the next one's beginning is not known. */
function refuse(reason: string | undefined, socket: Socket): void {
  if (reason === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { code, detail } = protocolErrors[reason ?? ''] ?? {
    code: 'input.invalid',
    detail: 'The request is not HTTP.',
  };
  const body = problemBody(code, detail);
  const text = JSON.stringify(body);
  const headers = {
    ...securityHeaders,
    'content-type': problemType,
    'content-length': Buffer.byteLength(text),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${body.status} ${STATUS_CODES[body.status]}`, ...lines, '', text].join('\r\n'));
}
