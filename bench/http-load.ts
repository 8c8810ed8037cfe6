import { connect } from 'node:net';
import { percentile } from './bench.ts';

/** Connections of the load; as many as the budgets are stated for. */
const connections = 20;
const readBytes = 256 * 1024;
const headersEnd = Buffer.from('\r\n\r\n');
/** The last chunk of a body in chunks (RFC 9112, 7.1), without trailers. */
const lastChunk = Buffer.from('\r\n0\r\n\r\n');

export interface LoadResult {
  perSecond: number;
  /** Milliseconds that the slowest hundredth took at least. */
  p99: number;
}

/**
 * Asks for an address again and again, over twenty connections, each with its next request as soon as it has an answer. It works on
 * sockets: a client of HTTP takes as much of the machine as the server that is measured.
 * @param wanted the status that each answer must have.
 * @throws when an answer has another status.
 */
export async function httpLoad(
  url: string,
  headers: Record<string, string>,
  { seconds, wanted }: { seconds: number; wanted: number },
): Promise<LoadResult> {
  const { host, hostname, port, pathname } = new URL(url);
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = Buffer.from(`GET ${pathname} HTTP/1.1\r\n${lines.join('')}\r\n`);
  const until = performance.now() + seconds * 1_000;
  const times: number[] = [];
  const started = performance.now();
  const one = () => askRepeatedly({ hostname, port: Number(port), request, wanted, until, times });
  await Promise.all(Array.from({ length: connections }, one));
  return { perSecond: times.length / ((performance.now() - started) / 1_000), p99: percentile(times, 0.99) };
}

interface Asking {
  hostname: string;
  port: number;
  request: Buffer;
  wanted: number;
  until: number;
  times: number[];
}

function askRepeatedly({ hostname, port, request, wanted, until, times }: Asking): Promise<void> {
  return new Promise((resolve, reject) => {
    const answer = new AnswerReader();
    let asked = 0;
    const ask = () => {
      asked = performance.now();
      socket.write(request);
    };
    const onRead = (size: number, buffer: Uint8Array) => {
      if (!answer.read(Buffer.from(buffer.buffer, buffer.byteOffset, size))) return true;
      if (answer.status !== wanted) {
        reject(new Error(`The answer has the status ${answer.status} in place of ${wanted}.`));
        socket.destroy();
        return false;
      }
      times.push(performance.now() - asked);
      if (performance.now() < until) ask();
      else socket.end(() => resolve());
      return true;
    };
    const socket = connect({
      host: hostname,
      port,
      noDelay: true,
      onread: { buffer: Buffer.allocUnsafe(readBytes), callback: onRead },
    });
    socket.on('connect', ask).on('error', reject);
  });
}

/** Finds the ends of answers in what arrives, one answer after the other. */
class AnswerReader {
  status = 0;
  /** Bytes of the body that are still to come; null before the headers, infinite for a body in chunks. */
  #left: number | null = null;
  #head = Buffer.alloc(0);
  #tail = Buffer.alloc(0);

  /** @returns whether the answer has ended. */
  read(bytes: Buffer): boolean {
    let body = bytes;
    if (this.#left === null) {
      this.#head = Buffer.concat([this.#head, bytes]);
      const end = this.#head.indexOf(headersEnd);
      if (end < 0) return false;
      this.#readHead(this.#head.subarray(0, end).toString('latin1'));
      body = this.#head.subarray(end + headersEnd.length);
    }
    if (this.#left === Infinity) {
      this.#tail = Buffer.concat([this.#tail, body.subarray(-lastChunk.length)]).subarray(-lastChunk.length);
      return this.#tail.equals(lastChunk) && this.#end();
    }
    this.#left! -= body.length;
    return this.#left! <= 0 && this.#end();
  }

  #readHead(head: string): void {
    this.status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
    const isChunked = /\r\ntransfer-encoding: chunked/i.test(head);
    this.#left = isChunked ? Infinity : Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
  }

  #end(): true {
    this.#left = null;
    this.#head = Buffer.alloc(0);
    this.#tail = Buffer.alloc(0);
    return true;
  }
}
