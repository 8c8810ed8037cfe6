import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal } from '@sluice/api';
import { defaultScope, errorCodeOf, errorCodes, isCoded, knownCode, PermanentError } from '@sluice/contracts';
import { createListener, startListening, type TlsIdentity } from '@sluice/runtime';
import { requireRight } from '@sluice/identity';
import type { Facade } from '@sluice/facades';
import { Counter, Histogram } from 'prom-client';
import type { GateDeps } from '../deps.ts';
import { answerRoute } from './answer-route.ts';
import { send } from './gate-request.ts';
import { renderRefusal, type Refusal } from './refusal.ts';

/** Headers beyond this are refused before anything is read. */
const maxHeaderSize = 16 * 1024;
/** Package managers keep idle connections for some seconds; the gate keeps them longer, so that none is closed under a request. */
const keepAliveTimeout = 75_000;
const headersTimeout = keepAliveTimeout + 5_000;
/** Answers in progress have this long at a stop. */
const cutOffMs = 5_000;

const requestsTotal = new Counter({
  name: 'sluice_gate_requests_total',
  help: 'Requests of package managers, by ecosystem, kind and status.',
  labelNames: ['ecosystem', 'kind', 'status'],
});
const duration = new Histogram({
  name: 'sluice_gate_request_seconds',
  help: 'Time to answer a request, waiting for decisions included.',
  labelNames: ['kind'],
  buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2, 10],
});

/**
 * Serves package managers over HTTP.
 * @throws when the port is taken.
 */
export async function listenGate(
  deps: GateDeps,
  { host, port, tls }: { host: string; port: number; tls?: TlsIdentity | undefined },
): Promise<{ url: string; stop: () => Promise<void> }> {
  const limits = { maxHeaderSize, keepAliveTimeout, headersTimeout };
  const listener = createListener(tls, limits, (incoming, outgoing) => void answer(incoming, outgoing, deps));
  return startListening(listener, { host, port, cutOffMs });
}

/** What is known of a request so far. */
interface About {
  facade: Facade | null;
  kind: string;
}

async function answer(incoming: IncomingMessage, outgoing: ServerResponse, deps: GateDeps): Promise<void> {
  const end = duration.startTimer();
  const about: About = { facade: null, kind: 'none' };
  try {
    await answerOrThrow(incoming, outgoing, deps, about);
  } catch (error) {
    if (outgoing.headersSent) {
      // A part of an archive was sent: the client must see that the rest is missing.
      deps.log.warn({ err: error, url: incoming.url }, 'an archive was not sent to its end');
      outgoing.destroy();
    } else refuse(incoming, outgoing, refusalOf(error, deps), about);
  }
  requestsTotal.inc({ ecosystem: about.facade?.type ?? '', kind: about.kind, status: outgoing.statusCode });
  end({ kind: about.kind });
}

async function answerOrThrow(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  deps: GateDeps,
  about: About,
): Promise<void> {
  requireOwnHost(incoming, deps);
  const [path = '/'] = (incoming.url ?? '/').split('?', 1);
  const base = path.split('/')[1] ?? '';
  const facade = deps.facades.find((one) => one.base === base);
  if (!facade)
    throw new PermanentError('gate.not-found', 'The address is of no ecosystem that the gate serves.');
  about.facade = facade;
  const principal = await deps.authenticate({
    authorization: incoming.headers.authorization,
    remoteAddress: incoming.socket.remoteAddress,
  });
  requireRight(principal, 'packages.install');
  const header = (name: string) => {
    const value = incoming.headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  const asked = { method: incoming.method ?? 'GET', path: path.slice(base.length + 1) || '/', header };
  const route = facade.route(asked);
  about.kind = route.kind;
  if (deps.standings.position === null && deps.standings.currentAt === null)
    throw new PermanentError('gate.not-ready', 'The gate has not learned yet what is approved.');
  const request = { incoming, outgoing, facade, asked, principal, scope: scopeOf(principal) };
  const refusal = await answerRoute(request, route, deps);
  if (refusal) refuse(incoming, outgoing, refusal, about);
}

/** A page that gives its own name the address of this machine must not get an answer; no page of another origin is served. */
function requireOwnHost(incoming: IncomingMessage, { isAllowedHost }: GateDeps): void {
  const host = incoming.headers.host ?? '';
  if (!isAllowedHost(host))
    throw new PermanentError('host.not-allowed', `The gate does not answer to the host "${host}".`);
  if (incoming.headers.origin !== undefined)
    throw new PermanentError(
      'origin.not-allowed',
      'The gate is for package managers, and answers no web page.',
    );
}

/** A key for one scope installs what is approved there; a key for all installs what is approved for everyone. */
function scopeOf({ scopes, name }: Principal): string {
  if (scopes === null) return defaultScope;
  if (scopes.length === 1) return scopes[0]!;
  throw new PermanentError(
    'access.forbidden',
    `The key of ${name} is for the scopes ${scopes.join(', ')}; the gate takes a key for one.`,
  );
}

function refusalOf(error: unknown, { log }: GateDeps): Refusal {
  const code = isCoded(error) ? knownCode(errorCodeOf(error)) : 'internal';
  if (errorCodes[code].status >= 500 && code !== 'gate.not-ready')
    log.error({ err: error }, 'the gate cannot answer');
  const message = isCoded(error) ? (error as Error).message : errorCodes.internal.title;
  const { status } = errorCodes[code];
  return {
    code,
    message: `Sluice: ${message}`,
    headers: {
      ...(status === 401 ? { 'www-authenticate': 'Bearer realm="Sluice", Basic realm="Sluice"' } : {}),
      ...(status === 503 ? { 'retry-after': '5' } : {}),
    },
  };
}

function refuse(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  refusal: Refusal,
  { facade }: About,
): void {
  send(
    { incoming, outgoing },
    renderRefusal(refusal, (sentence) => facade?.noticeHeaders(sentence) ?? {}),
  );
}
