import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { allowedHosts, isAddress, isEverywhere } from './allowed-hosts.ts';
import type { Health } from './health.ts';

export interface HealthServer {
  url: string;
  stop(): Promise<void>;
}

/** A browser does no more with answers than to show them to who asked. */
const headers = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
};

/**
 * `/livez`, `/readyz` and `/metrics` of a service that has no HTTP interface of its own. One that listens at one place
 * answers to the name of that place, loopback's and addresses; monitoring asks one that listens everywhere by any name.
 * @param port 0 picks a free one.
 */
export async function startHealthServer(options: {
  host: string;
  port: number;
  health: Health;
  metrics: Registry;
}): Promise<HealthServer> {
  const { host, port, health, metrics } = options;
  const isAllowed = allowedHosts(host, []);
  const server = createServer((request, response) => {
    const answer = (status: number, type: string, body: string) => {
      response.writeHead(status, { ...headers, 'content-type': type }).end(body);
    };
    const asked = request.headers.host;
    if (asked !== undefined && !isEverywhere(host) && !isAllowed(asked) && !isAddress(asked)) {
      answer(421, 'text/plain', 'This is not a host of that name.\n');
      return;
    }
    const failed = (error: unknown) => answer(500, 'text/plain', String(error));
    if (request.url === '/livez') answer(200, 'application/json', '{"live":true}');
    else if (request.url === '/readyz') {
      health
        .report()
        .then(
          (report) => answer(report.ready ? 200 : 503, 'application/json', JSON.stringify(report)),
          failed,
        );
    } else if (request.url === '/metrics') {
      metrics.metrics().then((text) => answer(200, metrics.contentType, text), failed);
    } else answer(404, 'text/plain', 'Not found: /livez, /readyz and /metrics are here.\n');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host}:${address.port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
