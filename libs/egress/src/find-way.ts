import { PermanentError } from '@sluice/contracts';
import { forbiddenAddress } from './check-address.ts';
import { checkUrl, type EgressRules } from './check-url.ts';
import type { ProxyOptions } from './dispatchers.ts';
import { isExempt } from './no-proxy.ts';
import { systemResolve, type Resolve } from './pinned-lookup.ts';

export interface WayOptions extends EgressRules {
  proxy?: ProxyOptions | undefined;
  /** Resolves host names; the system's resolver unless given. */
  resolve?: Resolve;
}

/** How another program reaches a URL under the rules of egress. */
export interface Way {
  url: URL;
  /** The proxy that it has to use; it resolves the name then. Null for none. */
  proxy: string | null;
  /** The checked addresses of the host, which the program has to connect to; empty behind a proxy. */
  addresses: string[];
}

/**
 * Checks a URL for a program that connects by itself, and resolves its host once. The program is told the addresses, so that a
 * name that changes its address in between gains nothing.
 * @throws PermanentError `egress.forbidden`; Error with the code of the resolver for a host without an address.
 */
export async function findWay(text: string, options: WayOptions): Promise<Way> {
  const { url, privateAddresses } = checkUrl(text, options);
  if (options.proxy && !isExempt(url, options.proxy.except))
    return { url, proxy: options.proxy.url, addresses: [] };
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const found = await (options.resolve ?? systemResolve)(host);
  for (const { address } of found) {
    const why = forbiddenAddress(address, privateAddresses);
    if (why) throw new PermanentError('egress.forbidden', `${host} is not fetched from: ${why}.`);
  }
  return { url, proxy: null, addresses: found.map(({ address }) => address) };
}
