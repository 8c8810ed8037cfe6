import type { IncomingMessage, ServerResponse } from 'node:http';

/** How much of a body is read and thrown away, so that its sender comes to the answer. */
export interface DrainLimits {
  maxBytes: number;
  maxMs: number;
}

/**
 * Reads on when a request was answered before its body had come whole. Many clients send all of a body before they look
 * for an answer: were the connection closed on them, they would see a broken pipe instead of the reason. Beyond the
 * limits it is closed all the same.
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
    // The reader that gave up still listens, and would keep what it is given in memory.
    incoming.removeAllListeners('data');
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) close();
    });
    incoming.resume();
  });
}
