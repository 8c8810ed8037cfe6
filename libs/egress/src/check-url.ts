import { isIP } from 'node:net';
import { PermanentError } from '@sluice/contracts';
import { forbiddenAddress } from './check-address.ts';

/** Addresses that may be fetched from. All come from the operator's configuration, none from a package. */
export interface EgressRules {
  /**
   * Host names that may be fetched from: `registry.example`, `registry.example:8443`, or `*.example` for every name
   * below. Without a port only the scheme's own. `*` stands for every host and port, for addresses that people give.
   */
  allowHosts: readonly string[];
  /**
   * Origins that the operator configured, `http://127.0.0.1:4873`: with exactly that scheme, host and port, plain
   * http and private or loopback addresses are allowed. Paths are ignored.
   */
  trustedOrigins?: readonly string[];
  /** Lets allowed hosts resolve to private addresses as well, for networks where every registry is internal. */
  allowPrivateAddresses?: boolean;
  /** Lets allowed hosts be fetched from over plain http. */
  allowHttp?: boolean;
}

export interface CheckedUrl {
  url: URL;
  /** Whether private addresses pass when its host is resolved. */
  privateAddresses: boolean;
}

const urlLengthMax = 2_048;

/**
 * Decides by its text alone whether a URL may be fetched; the addresses that its host resolves to are checked when
 * the connection is made.
 * @throws PermanentError `egress.forbidden`.
 */
export function checkUrl(text: string, rules: EgressRules): CheckedUrl {
  const forbid = (why: string) =>
    new PermanentError('egress.forbidden', `Not fetched from ${printable(text)}: ${why}.`);
  if (text.length > urlLengthMax) throw forbid('the URL is too long');
  // The URL parser drops or rewrites these without a word; who sends them wants two readers to see two hosts.
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u0020\u007f\\]/.test(text))
    throw forbid('the URL has blanks, control characters or backslashes');
  const url = parseUrl(text);
  if (!url) throw forbid('it is no URL');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw forbid('the scheme is not https');
  if (url.username !== '' || url.password !== '' || /^[a-z]+:\/\/[^/?#]*@/i.test(text))
    throw forbid('the URL has user information');
  const trusted = (rules.trustedOrigins ?? []).some((origin) => parseUrl(origin)?.origin === url.origin);
  const privateAddresses = trusted || rules.allowPrivateAddresses === true;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // The resolver is not asked about literal addresses, so they are judged here.
  if (isIP(host) !== 0) {
    const why = forbiddenAddress(host, privateAddresses);
    if (why) throw forbid(why);
  }
  if (trusted) return { url, privateAddresses };
  if (url.protocol === 'http:' && !rules.allowHttp) throw forbid('the scheme is not https');
  if (host.endsWith('.')) throw forbid('the host ends with a dot');
  if (!rules.allowHosts.some((allowed) => matchesHost(allowed.toLowerCase(), url)))
    throw forbid('the host is not allowed');
  return { url, privateAddresses };
}

/** @returns null for a text that is no URL. */
export function parseUrl(text: string, base?: URL): URL | null {
  return URL.canParse(text, base?.href) ? new URL(text, base) : null;
}

function matchesHost(allowed: string, url: URL): boolean {
  if (allowed === '*') return true;
  const [, host, port = ''] = /^(.*?)(?::(\d+))?$/.exec(allowed)!;
  if (url.port !== port) return false;
  return host!.startsWith('*.') ? url.hostname.endsWith(host!.slice(1)) : url.hostname === host;
}

/** URLs come from packages: they are shortened, and cannot break a log line. */
function printable(text: string): string {
  return JSON.stringify(text.slice(0, 200).replace(/\/\/[^/?#]*@/, '//…@'));
}
