import { BlockList, isIPv4, isIPv6 } from 'node:net';
import type { Context } from 'hono';
import { remoteAddressOf } from './remote-address.ts';

/** `10.0.0.7` or `10.0.0.0/8`. */
export function isAddressEntry(text: string): boolean {
  const [address = '', bits] = text.split('/', 2);
  const max = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1;
  return max > 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= max));
}

/** Whether an address is one of the proxies in HTTP_TRUSTED_PROXIES, whose X-Forwarded-For counts. */
export function trustedProxies(entries: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', bits] = entry.split('/', 2);
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}

/**
 * Address of who asks: of the connection, or what a trusted proxy says of its own. Of several in the header the last one counts that is
 * no trusted proxy; what comes before it the client may have written itself.
 */
export function clientAddressOf(
  c: Context,
  { isTrustedProxy }: { isTrustedProxy: (address: string) => boolean },
): string | undefined {
  let address = remoteAddressOf(c)?.replace(/^::ffff:/i, '');
  const forwarded = (c.req.header('x-forwarded-for') ?? '').split(',').map((text) => text.trim());
  while (address !== undefined && isTrustedProxy(address)) {
    const before = forwarded.pop() ?? '';
    if (!isIPv4(before) && !isIPv6(before)) return address;
    address = before;
  }
  return address;
}
