import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeEach, vi } from 'vitest';
import { runCommand } from '../src/run-command.ts';

/** A gateway as a command sees it. */
export interface FakeGateway {
  /** Its answers, by method and path without the query. */
  answers: Record<string, [status: number, body: unknown]>;
  /** Requests that came, in order; empty before each test. */
  asked: { line: string; type: string; body: string }[];
  /** Runs a command against it. */
  sluice(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }>;
}

/** Call it at the top level of a test file. @param usual the answers that each test begins with. */
export async function fakeGateway(usual: () => FakeGateway['answers']): Promise<FakeGateway> {
  const gateway: Omit<FakeGateway, 'sluice'> = { answers: {}, asked: [] };
  const server = createServer((message: IncomingMessage, response) => {
    const line = `${message.method} ${message.url}`;
    const chunks: Buffer[] = [];
    message.on('data', (chunk: Buffer) => chunks.push(chunk));
    message.on('end', () => {
      const type = message.headers['content-type'] ?? '';
      gateway.asked.push({ line, type, body: Buffer.concat(chunks).toString('latin1') });
      const none: [number, object] = [404, { code: 'route.not-found', detail: line }];
      const [status, body] = gateway.answers[line.split('?')[0]!] ?? none;
      response.writeHead(status).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  beforeEach(() => {
    gateway.asked.length = 0;
    gateway.answers = usual();
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return Object.assign(gateway, {
    async sluice(...args: string[]) {
      let [stdout, stderr] = ['', ''];
      vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((stdout += String(text)), true));
      vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((stderr += String(text)), true));
      try {
        return { code: await runCommand([...args, '--server', url]), stdout, stderr };
      } finally {
        vi.restoreAllMocks();
        process.exitCode = undefined;
      }
    },
  });
}
