import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import { PermanentError } from '@sluice/contracts';
import { forbiddenAddress } from './check-address.ts';

/** Resolves a name to all of its addresses. */
export type Resolve = (host: string) => Promise<LookupAddress[]>;

export const systemResolve: Resolve = (host) =>
  new Promise((resolve, reject) => {
    systemLookup(host, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
  });

/**
 * Lookup for a socket that hands out checked addresses alone. The socket connects to these addresses and looks the name up
 * no second time, so a name that changes its address in between (DNS rebinding) gains nothing. One forbidden address
 * among several refuses the host: which of them gets connected to would be chance.
 */
export function pinnedLookup(resolve: Resolve, privateAddresses: boolean): LookupFunction {
  const lookUp = callbackify((host: string, family: number) =>
    usableAddresses(resolve, host, family, privateAddresses),
  );
  return (host, options, callback) => {
    lookUp(host, typeof options.family === 'number' ? options.family : 0, (error, addresses) => {
      const [first] = addresses ?? [];
      if (!first) callback(error, '');
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

/** @param family 4, 6, or 0 for either. */
async function usableAddresses(
  resolve: Resolve,
  host: string,
  family: number,
  privateAddresses: boolean,
): Promise<LookupAddress[]> {
  const addresses = await resolve(host);
  for (const { address } of addresses) {
    const why = forbiddenAddress(address, privateAddresses);
    if (why) throw new PermanentError('egress.forbidden', `${host} is not fetched from: ${why}.`);
  }
  const usable = addresses.filter((found) => family === 0 || found.family === family);
  if (usable.length === 0) throw Object.assign(new Error(`${host} has no address.`), { code: 'ENOTFOUND' });
  return usable;
}
