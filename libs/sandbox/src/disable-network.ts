import dgram from 'node:dgram';
import dns from 'node:dns';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import tls from 'node:tls';

/**
 * Takes the ways to a network out of this process. The archive's code never runs here, so this is for the day when a
 * parser has a hole; where the system allows it, the process has no network interfaces either.
 */
export function disableNetwork(): void {
  const refuse = () => {
    throw Object.assign(new Error('The sandbox has no network.'), { code: 'ERR_ACCESS_DENIED' });
  };
  const doors: [object, string[]][] = [
    [net, ['connect', 'createConnection', 'createServer']],
    [net.Socket.prototype, ['connect']],
    [net.Server.prototype, ['listen']],
    [tls, ['connect', 'createServer']],
    [http, ['request', 'get', 'createServer']],
    [https, ['request', 'get', 'createServer']],
    [http2, ['connect', 'createServer', 'createSecureServer']],
    [dgram, ['createSocket']],
    [dgram.Socket.prototype, ['bind', 'send', 'connect']],
    [globalThis, ['fetch', 'WebSocket', 'EventSource']],
  ];
  for (const [owner, names] of doors) {
    for (const name of names) {
      if (name in owner) Object.defineProperty(owner, name, { value: refuse, writable: false });
    }
  }
  for (const owner of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype]) {
    for (const name of Object.getOwnPropertyNames(owner)) {
      if (/^(?:lookup|resolve|reverse)/.test(name)) Object.defineProperty(owner, name, { value: refuse });
    }
  }
  syncBuiltinESMExports();
}
