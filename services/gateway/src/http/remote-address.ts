import type { Context } from 'hono';

/** Address of the connection's other end; undefined for a request that came by none. */
export function remoteAddressOf(c: Context): string | undefined {
  const { incoming } = (c.env ?? {}) as { incoming?: { socket?: { remoteAddress?: string } } };
  return incoming?.socket?.remoteAddress;
}
