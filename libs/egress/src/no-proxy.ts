import { isIP } from 'node:net';

/**
 * Whether a URL is reached without the proxy.
 * @param except as in NO_PROXY: `registry.example` and `.example` stand for that host and all below it, `host:8080` for
 * one port, `*` for everything.
 */
export function isExempt(url: URL, except: readonly string[]): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return except.some((entry) => {
    if (entry === '*') return true;
    const [, name = '', ofPort] =
      /^(.*?)(?::(\d+))?$/.exec(isIP(entry) === 6 ? `${entry}:${port}` : entry) ?? [];
    const bare = name
      .replace(/^\*?\./, '')
      .replace(/^\[|\]$/g, '')
      .toLowerCase();
    if (ofPort !== undefined && ofPort !== port) return false;
    return bare !== '' && (host === bare || (isIP(host) === 0 && host.endsWith(`.${bare}`)));
  });
}
