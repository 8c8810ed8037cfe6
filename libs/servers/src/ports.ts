import { randomInt } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { SetupError } from './setup-error.ts';

function listenOnce(port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host, exclusive: true }, () => {
      const { port: bound } = server.address() as AddressInfo;
      server.close(() => resolve(bound));
    });
  });
}

/**
 * Below the ports that systems give to outgoing connections (Linux from 32768, others from 49152): one of those may be
 * taken by a connection before a server listens on it.
 */
const portMin = 20_000;
const portEnd = 32_000;
const tries = 20;

/** Ports that were handed out, whose servers may not listen yet: a stack has some fifteen, and two of one would meet once in a hundred starts. */
const handedOut = new Set<number>();

/** A TCP port that is free at this moment, and that this process has not been given before. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (let count = 0; count < tries; count += 1) {
    const candidate = randomInt(portMin, portEnd);
    if (handedOut.has(candidate)) continue;
    handedOut.add(candidate);
    const port = await listenOnce(candidate, host).catch(() => null);
    if (port !== null) return port;
  }
  return listenOnce(0, host);
}

/** Whether a server could listen at this port now. */
export async function isFreePort(port: number, host = '127.0.0.1'): Promise<boolean> {
  return listenOnce(port, host).then(
    () => true,
    () => false,
  );
}

/** Names are looked up in milliseconds where they are known. */
const lookupMs = 1_000;

/**
 * Makes sure that programs of this machine can listen at an address.
 * @throws SetupError within about a second when they cannot.
 */
export async function requireOwnAddress(host: string): Promise<void> {
  const late = AbortSignal.timeout(lookupMs);
  const isLate = new Promise<never>((_, reject) => {
    late.addEventListener('abort', () => reject(Object.assign(new Error('late'), { code: 'ETIMEDOUT' })));
  });
  try {
    await Promise.race([listenOnce(0, host), isLate]);
  } catch (error) {
    throw new SetupError(
      `Nothing can listen at ${host} on this machine (${(error as NodeJS.ErrnoException).code ?? String(error)}).`,
      'Give an address of this machine, 127.0.0.1 or 0.0.0.0 for instance.',
      { cause: error },
    );
  }
}

/**
 * Makes sure that a requested port is free.
 * @throws SetupError naming the port and the remedy when it is taken or may not be used.
 */
export async function requireFreePort(port: number, host: string, purpose: string): Promise<void> {
  try {
    await listenOnce(port, host);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why =
      code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be used (${code ?? String(error)})`;
    throw new SetupError(
      `Port ${port} on ${host}, asked for by ${purpose}, ${why}.`,
      'Choose another port, or leave it out to have a free one chosen.',
      { cause: error },
    );
  }
}
