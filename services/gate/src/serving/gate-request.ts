import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal } from '@sluice/api';
import type { Facade, FacadeRequest } from '@sluice/facades';

/** A request of a known principal for a facade. */
export interface GateRequest {
  incoming: IncomingMessage;
  outgoing: ServerResponse;
  facade: Facade;
  asked: FacadeRequest;
  principal: Principal;
  /** In whose name things are approved for this principal. */
  scope: string;
}

export interface Sent {
  status: number;
  headers: Record<string, string | number>;
  body?: string | Buffer;
  /** In place of the status' usual phrase. */
  phrase?: string;
}

/** Sends an answer whole; one to HEAD without its body. */
export function send({ incoming, outgoing }: Pick<GateRequest, 'incoming' | 'outgoing'>, sent: Sent): void {
  const { status, headers, body = '', phrase } = sent;
  const length = status === 304 ? {} : { 'content-length': Buffer.byteLength(body) };
  const all = { 'x-content-type-options': 'nosniff', ...length, ...headers };
  if (phrase === undefined) outgoing.writeHead(status, all);
  else outgoing.writeHead(status, phrase, all);
  outgoing.end(incoming.method === 'HEAD' || status === 304 ? undefined : body);
}
