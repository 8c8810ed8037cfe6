import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';

export interface Arrived {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** An answer of a receiver; `hang` for none at all. */
export type Behaviour = { status: number; headers?: Record<string, string>; body?: string } | 'hang';

/** A receiver of webhooks over local HTTP. Call it at the top level of a test file. */
export async function startReceiver() {
  const arrived: Arrived[] = [];
  const behaviours = new Map<string, (count: number) => Behaviour>();
  const counts = new Map<string, number>();
  const hung = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '/';
      arrived.push({ path, headers: request.headers, body: Buffer.concat(chunks).toString() });
      const count = (counts.get(path) ?? 0) + 1;
      counts.set(path, count);
      const behaviour = behaviours.get(path)?.(count) ?? { status: 204 };
      if (behaviour === 'hang') hung.add(response);
      else response.writeHead(behaviour.status, behaviour.headers).end(behaviour.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    origin,
    /** Breaks the connections that wait for an answer. */
    breakHung: () => {
      for (const response of hung) response.destroy();
      hung.clear();
    },
    at: (path: string) => arrived.filter((one) => one.path === path),
    /** @param answer gets how many messages came there, from 1. */
    behave: (path: string, answer: Behaviour | ((count: number) => Behaviour)) =>
      void behaviours.set(path, typeof answer === 'function' ? answer : () => answer),
  };
}
