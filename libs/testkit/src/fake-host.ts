import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A fault for requests of one path. */
export interface Fault {
  /** Answers with this status instead. */
  status?: number;
  /** Sends this `Retry-After`: seconds or an HTTP date. */
  retryAfter?: string;
  /** Waits before the answer. */
  delayMs?: number;
  /** Sends this many bytes and breaks the connection. */
  truncateAt?: number;
  /** Serves other bytes of the same length. */
  corrupt?: boolean;
  /** Serves this body, for instance a proxy's error page. */
  body?: string;
  /** Sends the body this slowly. */
  bytesPerSecond?: number;
  /** Never answers. */
  hang?: boolean;
  /** For this many requests, then all is well; for ever when left out. */
  times?: number;
}

export interface Answer {
  status: number;
  type: string;
  body: Uint8Array;
  /** Where the answer points to, for a status of 3xx. */
  location?: string;
}

/** A host of the outside world over local HTTP. */
export interface FakeHost {
  /** Base address, without a slash at the end. */
  url: string;
  /** Makes requests for this path go wrong, or all with `*`; null mends it. */
  fail(path: string, fault: Fault | null): void;
  /** How many requests came, for one path or in all. */
  requests(path?: string): number;
  /** Everything that was requested, in order. */
  readonly paths: readonly string[];
  stop(): Promise<void>;
}

/** @param find the answer for a path, which is decoded and without a query. */
export async function startFakeHost(find: (path: string) => Answer): Promise<FakeHost> {
  const faults = new Map<string, Fault>();
  const paths: string[] = [];
  const server = createServer((request, response) => {
    const path = normalise(request.url ?? '/');
    paths.push(path);
    const fault = takeFault(faults, path) ?? faults.get('*');
    const answer = find(path);
    const send = () => respond(response, answer, fault);
    if (fault?.hang) return;
    if (fault?.delayMs === undefined) send();
    else delayed(request, fault.delayMs, send);
  });
  return {
    url: await listen(server),
    paths,
    fail(path, fault) {
      const key = path === '*' ? path : normalise(path);
      if (fault === null) faults.delete(key);
      else faults.set(key, { ...fault });
    },
    requests: (path) =>
      path === undefined ? paths.length : paths.filter((seen) => seen === normalise(path)).length,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function takeFault(faults: Map<string, Fault>, path: string): Fault | undefined {
  const fault = faults.get(path);
  if (fault?.times === undefined) return fault;
  fault.times -= 1;
  if (fault.times <= 0) faults.delete(path);
  return fault;
}

function respond(response: ServerResponse, answer: Answer, fault: Fault = {}): void {
  const body =
    fault.body === undefined
      ? fault.corrupt
        ? corrupted(answer.body)
        : answer.body
      : Buffer.from(fault.body);
  response.writeHead(fault.status ?? answer.status, {
    'content-type': fault.body === undefined ? answer.type : 'text/html',
    'content-length': body.length,
    ...(answer.location === undefined ? {} : { location: answer.location }),
    ...(fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter }),
  });
  if (fault.bytesPerSecond !== undefined) drip(response, body, fault.bytesPerSecond);
  else if (fault.truncateAt === undefined) response.end(body);
  else response.write(body.subarray(0, fault.truncateAt), () => response.destroy());
}

function drip(response: ServerResponse, body: Uint8Array, bytesPerSecond: number): void {
  let sent = 0;
  const timer = setInterval(() => {
    response.write(body.subarray(sent, sent + bytesPerSecond));
    sent += bytesPerSecond;
    if (sent < body.length) return;
    clearInterval(timer);
    response.end();
  }, 1_000);
  response.once('close', () => clearInterval(timer));
}

function corrupted(bytes: Uint8Array): Uint8Array {
  const changed = Buffer.from(bytes);
  const middle = Math.floor(changed.length / 2);
  changed[middle] = (changed[middle] ?? 0) ^ 0xff;
  return changed;
}

function delayed(request: IncomingMessage, delayMs: number, send: () => void): void {
  const timer = setTimeout(send, delayMs);
  request.socket.once('close', () => clearTimeout(timer));
}

/** Clients write a scoped name as `@scope%2fname` or with a slash; both are the same path. */
function normalise(url: string): string {
  return decodeURIComponent(new URL(url, 'http://registry.example').pathname);
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });
}
