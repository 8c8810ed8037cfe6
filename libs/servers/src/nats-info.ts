import { createConnection } from 'node:net';

/** A NATS server's first message to a client (NATS client protocol, INFO). */
export interface NatsInfo {
  server_name?: string;
  version?: string;
  jetstream?: boolean;
  /** Clients have to say who they are. */
  auth_required?: boolean;
}

const ANSWER_MS = 1_000;
const INFO_BYTES_MAX = 64 * 1024;

/** Reads the INFO line of the server at this address; null when nothing there speaks NATS. */
export function readNatsInfo(host: string, port: number): Promise<NatsInfo | null> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port, timeout: ANSWER_MS });
    let received = '';
    const finish = (info: NatsInfo | null) => {
      socket.destroy();
      resolve(info);
    };
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      received += chunk;
      const end = received.indexOf('\r\n');
      if (end >= 0) finish(parseInfo(received.slice(0, end)));
      else if (received.length > INFO_BYTES_MAX) finish(null);
    });
    socket.on('timeout', () => finish(null));
    socket.on('error', () => finish(null));
    socket.on('close', () => resolve(null));
  });
}

function parseInfo(line: string): NatsInfo | null {
  if (!line.startsWith('INFO ')) return null;
  try {
    return JSON.parse(line.slice('INFO '.length)) as NatsInfo;
  } catch {
    return null;
  }
}
