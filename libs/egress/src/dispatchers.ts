import * as tls from 'node:tls';
import { Agent, ProxyAgent, type Dispatcher } from 'undici';
import type { CheckedUrl } from './check-url.ts';
import { isExempt } from './no-proxy.ts';
import { pinnedLookup, type Resolve } from './pinned-lookup.ts';

export interface ProxyOptions {
  /** Address of the proxy, with user and password where it asks for them: `http://user:secret@proxy.example:3128`. */
  url: string;
  /** Hosts that are reached without it; see `isExempt`. */
  except: readonly string[];
}

export interface DispatcherOptions {
  perHost: number;
  connectMs: number;
  headersMs: number;
  resolve: Resolve;
  /** Certificate authorities as PEM, trusted beside those that Node trusts. */
  ca?: string | undefined;
  proxy?: ProxyOptions | undefined;
}

export interface Dispatchers {
  for(target: CheckedUrl): Dispatcher;
  close(): Promise<void>;
}

/**
 * The connections of an egress. Connections are kept and reused, so one opened under the laxer rule for addresses
 * must not serve the stricter one.
 *
 * A proxy resolves names itself: which addresses they have is then its own rule to keep. Everything that is judged by
 * text (scheme, host, literal addresses, redirects) holds as without one.
 */
export function makeDispatchers(options: DispatcherOptions): Dispatchers {
  const { perHost, connectMs, headersMs, resolve, proxy } = options;
  const limits = {
    connections: perHost,
    headersTimeout: headersMs,
    // The deadline covers the body; undici's own timeout would only add a second error for the same thing.
    bodyTimeout: 0,
  };
  // Made once: OpenSSL parses all 140 authorities for each context, 50 ms that each connection would take.
  const trust =
    options.ca === undefined
      ? {}
      : { secureContext: tls.createSecureContext({ ca: [...defaultAuthorities(), options.ca] }) };
  const direct = (privateAddresses: boolean) =>
    new Agent({
      ...limits,
      connect: { timeout: connectMs, lookup: pinnedLookup(resolve, privateAddresses), ...trust },
    });
  const agents = { public: direct(false), private: direct(true) };
  const tunnel = { timeout: connectMs, ...trust };
  const proxied =
    proxy &&
    new ProxyAgent({
      ...limits,
      uri: proxy.url,
      requestTls: tunnel,
      proxyTls: tunnel,
      // Many proxies refuse tunnels to port 80: plain http is asked of the proxy itself.
      proxyTunnel: false,
    });
  return {
    for({ url, privateAddresses }) {
      if (proxied && !isExempt(url, proxy.except)) return proxied;
      return privateAddresses ? agents.private : agents.public;
    },
    async close() {
      await Promise.all([agents.public.destroy(), agents.private.destroy(), proxied?.destroy()]);
    },
  };
}

/** Those of Node and of NODE_EXTRA_CA_CERTS; before Node 22.15 only the former can be asked for. */
function defaultAuthorities(): readonly string[] {
  const newer = tls as { getCACertificates?: (type: 'default') => string[] };
  return newer.getCACertificates?.('default') ?? tls.rootCertificates;
}
