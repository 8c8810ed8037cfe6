import { Agent, fetch as undiciFetch, type RequestInit } from 'undici';

/**
 * A `fetch` for a server that the operator configured by its address, such as a bucket: neither the rules nor the proxy for hosts of
 * packages hold for it. Redirects are an error, so that credentials go to the configured address alone. Node's own `fetch` fails once another
 * version of undici is loaded beside it.
 */
export function serverFetch(): typeof fetch {
  const dispatcher = new Agent();
  const send = (input: string | URL, init: RequestInit = {}) =>
    undiciFetch(input, { ...init, redirect: 'error', dispatcher });
  return send as unknown as typeof fetch;
}
