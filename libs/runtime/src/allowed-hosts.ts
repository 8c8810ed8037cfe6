import { isIPv4, isIPv6 } from 'node:net';

/** A host as it stands in a Host header, in canonical form. */
interface HostName {
  /** Lower case; an IPv6 address in brackets. */
  name: string;
  port: string | null;
}

const hostPattern = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?)(?::(\d{1,5}))?$/;

/** Reads a Host header (RFC 9110, 7.2) strictly: no user, no empty port, no dot at the end. Null for anything else. */
function parseHost(text: string): HostName | null {
  const [, name, port] = hostPattern.exec(text) ?? [];
  if (name === undefined || Number(port ?? 0) > 65_535) return null;
  const isBracketed = name.startsWith('[');
  if (isBracketed && !isIPv6(name.slice(1, -1))) return null;
  // An IPv6 address has many forms and the parser of URLs writes one; of IPv4 it would take 0x7f.1 as well.
  return { name: isBracketed ? new URL(`http://${name}`).hostname : name.toLowerCase(), port: port ?? null };
}

const isLoopback = (name: string) =>
  name === 'localhost' || name === '[::1]' || (isIPv4(name) && name.startsWith('127.'));

/** An entry of HTTP_ALLOWED_HOSTS: `host` for all its ports, or `host:port`. An IPv6 address may do without brackets. */
function parseEntry(text: string): HostName | null {
  return parseHost(isIPv6(text) ? `[${text}]` : text);
}

export const isHostEntry = (text: string): boolean => parseEntry(text) !== null;

/**
 * Which hosts the API answers to. A page of a stranger can give its own name the address of this machine (DNS
 * rebinding); the browser then sends that name, and takes the answer for the page's own.
 * @param listenHost where the API listens; its name counts, an address for all interfaces says nothing.
 * @param listed further ones, from HTTP_ALLOWED_HOSTS.
 */
export function allowedHosts(listenHost: string, listed: readonly string[]): (host: string) => boolean {
  const entries = [...(isEverywhere(listenHost) ? [] : [listenHost]), ...listed].flatMap(
    (text) => parseEntry(text) ?? [],
  );
  return (text) => {
    const host = parseHost(text);
    if (host === null) return false;
    return (
      isLoopback(host.name) || entries.some((entry) => entry.name === host.name && portFits(entry, host))
    );
  };
}

/** Whether an address is one that only this machine reaches. */
export const isLoopbackHost = (host: string): boolean => isLoopback(parseEntry(host)?.name ?? '');

/** Whether an address to listen on means all interfaces, and so names no host. */
export const isEverywhere = (listenHost: string): boolean =>
  ['', '0.0.0.0', '::', '[::]'].includes(listenHost);

/** A client leaves out the port of the scheme, which only the proxy before the API knows. */
function portFits(entry: HostName, host: HostName): boolean {
  if (entry.port === null || entry.port === host.port) return true;
  return host.port === null && (entry.port === '80' || entry.port === '443');
}

/** An address instead of a name: a page cannot make it its own, as it can a name. */
export function isAddress(text: string): boolean {
  const name = parseHost(text)?.name;
  return name !== undefined && (name.startsWith('[') || isIPv4(name));
}
