import type { IncomingMessage, ServerResponse } from 'node:http';

/** Limits on the rest of a body that is read and thrown away. */
export interface DrainLimits {
  maxBytes: number;
  maxMs: number;
}

/**
 * Reads the rest of a body after its request was answered. Many clients send the whole body before they read the answer:
 * if the server closed the connection, they would see a broken pipe and not the reason. Beyond the limits the connection
 * is closed.
 */
export function drainAfterAnswer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { maxBytes, maxMs }: DrainLimits,
): void {
  outgoing.once('finish', () => {
    if (incoming.readableEnded || incoming.destroyed) return;
    const close = () => incoming.socket.destroySoon();
    const timer = setTimeout(close, maxMs);
    incoming.once('end', () => clearTimeout(timer));
    incoming.once('close', () => clearTimeout(timer));
    let bytes = 0;
    // The reader that gave up still listens, and would keep the chunks in memory.
    incoming.removeAllListeners('data');
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) close();
    });
    incoming.resume();
  });
}
