import { createHash } from 'node:crypto';
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
  /** Sends nothing after this many bytes of the body, and breaks the connection. */
  truncateAt?: number;
  /** Serves other bytes of the same length. */
  corrupt?: boolean;
  /** Serves this body, for instance a proxy's error page. */
  body?: string;
  /** Sends the body this slowly. */
  bytesPerSecond?: number;
  /** Answers a request for a part with all of it, and does not say that it knows parts. */
  noRanges?: boolean;
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
  /** Bytes of the bodies that were sent for a path. */
  bytesSent(path: string): number;
  /** Everything that was requested, in order. */
  readonly paths: readonly string[];
  stop(): Promise<void>;
}

/** @param find the answer for a path, which is decoded and without a query. */
export async function startFakeHost(find: (path: string) => Answer): Promise<FakeHost> {
  const faults = new Map<string, Fault>();
  const paths: string[] = [];
  const sent = new Map<string, number>();
  const server = createServer((request, response) => {
    const path = normalise(request.url ?? '/');
    paths.push(path);
    const fault = takeFault(faults, path) ?? faults.get('*');
    const answer = find(path);
    const send = () => {
      const bytes = respond(request, response, answer, fault);
      sent.set(path, (sent.get(path) ?? 0) + bytes);
    };
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
    bytesSent: (path) => sent.get(normalise(path)) ?? 0,
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

/** @returns how many bytes of the body are sent, unless the client goes away before. */
function respond(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  fault: Fault = {},
): number {
  const whole = bodyOf(answer, fault);
  const status = fault.status ?? answer.status;
  const etag = `"${createHash('sha1').update(whole).digest('hex')}"`;
  const hasRanges = status === 200 && !fault.noRanges;
  const from = hasRanges ? firstByte(request, etag, whole.length) : 0;
  const body = whole.subarray(
    from,
    fault.truncateAt === undefined ? undefined : Math.max(from, fault.truncateAt),
  );
  response.writeHead(from > 0 ? 206 : status, {
    'content-type': fault.body === undefined ? answer.type : 'text/html',
    'content-length': whole.length - from,
    ...(hasRanges ? { 'accept-ranges': 'bytes', etag } : {}),
    ...(from > 0 ? { 'content-range': `bytes ${from}-${whole.length - 1}/${whole.length}` } : {}),
    ...(answer.location === undefined ? {} : { location: answer.location }),
    ...(fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter }),
  });
  if (fault.bytesPerSecond !== undefined) drip(response, body, fault.bytesPerSecond);
  else if (fault.truncateAt === undefined) response.end(body);
  else breakOff(response, body);
  return body.length;
}

/** Breaks the connection once the client, often of the same process, has had its turn with the bytes. */
function breakOff(response: ServerResponse, body: Uint8Array): void {
  response.flushHeaders();
  response.write(body, () => setImmediate(() => setImmediate(() => response.destroy())));
}

function bodyOf(answer: Answer, { body, corrupt }: Fault): Uint8Array {
  if (body !== undefined) return Buffer.from(body);
  return corrupt ? corrupted(answer.body) : answer.body;
}

/** Where the part begins that is asked for; 0 for all of it. */
function firstByte({ headers }: IncomingMessage, etag: string, sizeBytes: number): number {
  if (headers['if-range'] !== undefined && headers['if-range'] !== etag) return 0;
  const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
  return from < sizeBytes ? from : 0;
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
