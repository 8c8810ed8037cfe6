import ipaddr from 'ipaddr.js';

/**
 * Ranges that an operator's own registry may lie in; closed networks use the reserved ones as well. Link-local is not
 * among them: cloud metadata lives there.
 */
const trustedRanges = new Set([
  'unicast',
  'loopback',
  'private',
  'uniqueLocal',
  'carrierGradeNat',
  'reserved',
]);

/** Metadata and platform services of clouds outside the link-local range: no registry is there, credentials are. */
const metadataAddresses = new Set(['168.63.129.16', '100.100.100.200', 'fd00:ec2::254', '192.0.0.192']);

/**
 * Why an address may not be connected to, or null when it may. Only global unicast passes; for a trusted origin
 * private, reserved and loopback addresses pass as well.
 * Source: IANA's special-purpose address registries (RFC 6890), as kept by ipaddr.js.
 */
export function forbiddenAddress(address: string, trusted: boolean): string | null {
  if (!ipaddr.isValid(address)) return `"${address}" is no address`;
  // Takes the IPv4 address out of an IPv4-mapped one, so that both spellings get the same answer.
  const parsed = ipaddr.process(address);
  if (metadataAddresses.has(parsed.toString())) return `${address} is a metadata service`;
  const range = parsed.range();
  if (range === 'unicast' || (trusted && trustedRanges.has(range))) return null;
  return `${address} is a ${range} address`;
}
