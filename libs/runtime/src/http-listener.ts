import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';

/** A certificate with its chain, and its key, as PEM. */
export interface TlsIdentity {
  cert: string;
  key: string;
}

/** The identity of two settings; undefined without them. One alone is refused by `areBoth`. */
export const tlsIdentity = (cert: string | undefined, key: string | undefined): TlsIdentity | undefined =>
  cert !== undefined && key !== undefined ? { cert, key } : undefined;

/** Whether two settings that belong together are both there or both left out. */
export const areBoth = (one: string | undefined, other: string | undefined): boolean =>
  (one === undefined) === (other === undefined);

/**
 * A server of HTTP, or of HTTPS where it has an identity.
 * @throws Error when the certificate or the key cannot be read, or they do not belong together.
 */
export function createListener(
  tls: TlsIdentity | undefined,
  options: ServerOptions,
  answer: RequestListener,
): { server: Server; scheme: 'http' | 'https' } {
  if (!tls) return { server: createServer(options, answer), scheme: 'http' };
  return { server: createTlsServer({ ...options, ...tls }, answer), scheme: 'https' };
}
