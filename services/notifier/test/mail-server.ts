import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';

export interface ArrivedMail {
  to: string;
  headers: Record<string, string>;
  text: string;
}

/** A mail server that keeps what it takes, in the part of SMTP (RFC 5321) that a client needs. Call it at the top level of a test file. */
export async function startMailServer() {
  const arrived: ArrivedMail[] = [];
  let refusal: string | null = null;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    let to = '';
    let data: string | null = null;
    let buffered = '';
    socket.write('220 mail.example\r\n');
    const obey = (line: string) => {
      if (data !== null) {
        if (line !== '.') return void (data += `${line.replace(/^\./, '')}\r\n`);
        arrived.push({ to, ...parsed(data) });
        data = null;
        return void socket.write('250 queued as 7\r\n');
      }
      if (/^RCPT/i.test(line)) to = /<(.*)>/.exec(line)?.[1] ?? '';
      if (/^RCPT/i.test(line) && refusal !== null) return void socket.write(`${refusal}\r\n`);
      if (/^DATA/i.test(line)) {
        data = '';
        return void socket.write('354 go on\r\n');
      }
      socket.write('250 fine\r\n');
    };
    socket.on('data', (chunk: Buffer) => {
      const lines = (buffered + chunk.toString()).split('\r\n');
      buffered = lines.pop()!;
      for (const line of lines) obey(line);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrived,
    /** From now on each recipient gets this answer; null takes them all. */
    refuse: (answer: string | null) => void (refusal = answer),
  };
}

function parsed(data: string): Pick<ArrivedMail, 'headers' | 'text'> {
  const [head = '', ...body] = data.split('\r\n\r\n');
  const lines = head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n');
  const headers = lines.map((line) => [line.split(':')[0]!.toLowerCase(), line.replace(/^[^:]*: ?/, '')]);
  return { headers: Object.fromEntries(headers) as Record<string, string>, text: body.join('\r\n\r\n') };
}
