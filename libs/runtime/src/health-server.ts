import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import type { Health } from './health.ts';

export interface HealthServer {
  url: string;
  stop(): Promise<void>;
}

/**
 * `/livez`, `/readyz` and `/metrics` of a service that has no HTTP interface of its own.
 * @param port 0 picks a free one.
 */
export async function startHealthServer(options: {
  host: string;
  port: number;
  health: Health;
  metrics: Registry;
}): Promise<HealthServer> {
  const { host, port, health, metrics } = options;
  const server = createServer((request, response) => {
    const answer = (status: number, type: string, body: string) => {
      response.writeHead(status, { 'content-type': type }).end(body);
    };
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
