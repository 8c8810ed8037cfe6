import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';

interface S3rver {
  run(): Promise<AddressInfo>;
  close(): Promise<void>;
}
const S3rverClass = createRequire(import.meta.url)('s3rver') as new (options: object) => S3rver;

/** A fault of the server for requests that fit; the others go through. */
export type S3Fault = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * An S3-compatible server with one bucket, and something between it and its clients that makes requests go wrong. Call it at the top
 * level of a test file. Another server is used where SLUICE_TEST_S3_URL names one, with SLUICE_TEST_S3_KEY_ID and SLUICE_TEST_S3_SECRET.
 */
export async function startS3() {
  const real = process.env['SLUICE_TEST_S3_URL'];
  const keyId = process.env['SLUICE_TEST_S3_KEY_ID'] ?? 'S3RVER';
  const secret = process.env['SLUICE_TEST_S3_SECRET'] ?? 'S3RVER';
  const upstream = real ?? (await startS3rver());
  let fault: S3Fault | null = null;
  const requests: { method: string; path: string; headers: IncomingMessage['headers'] }[] = [];
  const proxy = createServer((request, response) => {
    requests.push({ method: request.method!, path: request.url!, headers: request.headers });
    if (fault?.(request, response)) return;
    const { hostname, port } = new URL(upstream);
    // The host stays as it was signed.
    const options = { hostname, port, method: request.method, path: request.url, headers: request.headers };
    const forwarded = httpRequest(options, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    forwarded.on('error', () => response.destroy());
    request.pipe(forwarded);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const origin = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  return {
    /** Options of a store below a prefix of its own. */
    optionsOf: (prefix: string = randomUUID()) => ({
      url: `${origin}${new URL(upstream).pathname}/${prefix}`,
      region: 'us-east-1',
      keyId,
      secret,
    }),
    requests,
    breakBy: (next: S3Fault | null) => void (fault = next),
  };
}

async function startS3rver(): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'sluice-s3-'));
  const server = new S3rverClass({
    port: 0,
    address: '127.0.0.1',
    silent: true,
    directory,
    configureBuckets: [{ name: 'sluice' }],
  });
  const { port } = await server.run();
  afterAll(async () => {
    await server.close();
    await rm(directory, { recursive: true, force: true });
  });
  return `http://127.0.0.1:${port}/sluice`;
}
