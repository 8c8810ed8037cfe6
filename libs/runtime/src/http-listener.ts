import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { isIPv6, type AddressInfo } from 'node:net';

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

export interface Listener {
  server: Server;
  scheme: 'http' | 'https';
}

/**
 * A server of HTTP, or of HTTPS where it has an identity.
 * @throws Error when the certificate or the key cannot be read, or they do not belong together.
 */
export function createListener(
  tls: TlsIdentity | undefined,
  options: ServerOptions,
  answer: RequestListener,
): Listener {
  if (!tls) return { server: createServer(options, answer), scheme: 'http' };
  return { server: createTlsServer({ ...options, ...tls }, answer), scheme: 'https' };
}

/**
 * Has a server listen.
 * @param cutOffMs answers in progress have this long at a stop.
 * @returns its address, and the way to stop it.
 * @throws when the port is taken.
 */
export async function startListening(
  { server, scheme }: Listener,
  { host, port, cutOffMs }: { host: string; port: number; cutOffMs: number },
): Promise<{ url: string; stop: () => Promise<void> }> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), cutOffMs).unref();
    });
  const name = isIPv6(host) ? `[${host}]` : host;
  return { url: `${scheme}://${name}:${(server.address() as AddressInfo).port}`, stop };
}
