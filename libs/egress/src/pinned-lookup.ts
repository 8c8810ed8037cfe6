import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { PermanentError } from '@sluice/contracts';
import { forbiddenAddress } from './check-address.ts';

/** Resolves a name to all of its addresses. */
export type Resolve = (host: string) => Promise<LookupAddress[]>;

export const systemResolve: Resolve = (host) =>
  new Promise((resolve, reject) => {
    systemLookup(host, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
  });

/**
 * Lookup for a socket that hands out checked addresses alone. The socket connects to what it is given here and asks
 * nobody again, so a name that changes its address in between (DNS rebinding) gains nothing. One forbidden address
 * among several refuses the host: which of them gets connected to would be chance.
 */
export function pinnedLookup(resolve: Resolve, privateAddresses: boolean): LookupFunction {
  return (host, options, callback) => {
    resolve(host).then(
      (addresses) => {
        const family = typeof options.family === 'number' ? options.family : 0;
        const usable = addresses.filter((found) => family === 0 || found.family === family);
        const why = addresses
          .map((found) => forbiddenAddress(found.address, privateAddresses))
          .find((found) => found !== null);
        if (why)
          return callback(new PermanentError('egress.forbidden', `${host} is not fetched from: ${why}.`), '');
        const [first] = usable;
        if (!first)
          return callback(Object.assign(new Error(`${host} has no address.`), { code: 'ENOTFOUND' }), '');
        if (options.all) callback(null, usable);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, ''),
    );
  };
}
