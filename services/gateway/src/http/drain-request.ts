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
  limits: DrainLimits,
): void {
  // Node closes a connection that is not kept alive at the end of the answer: the end then waits for the rest of the body.
  if (!outgoing.shouldKeepAlive) return endAfter(() => drain(incoming, limits), outgoing);
  outgoing.once('finish', () => {
    void drain(incoming, limits).then((isRead) => {
      if (!isRead) incoming.socket.destroySoon();
    });
  });
}

/** Sends the answer at once, and ends it later. */
function endAfter(work: () => Promise<unknown>, outgoing: ServerResponse): void {
  const end = outgoing.end.bind(outgoing) as (chunk?: unknown) => ServerResponse;
  outgoing.end = ((chunk?: unknown) => {
    outgoing.end = end as ServerResponse['end'];
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) outgoing.write(chunk);
    void work().then(() => end());
    return outgoing;
  }) as ServerResponse['end'];
}

/** @returns false when the limits were reached before the end of the body. */
function drain(incoming: IncomingMessage, { maxBytes, maxMs }: DrainLimits): Promise<boolean> {
  if (incoming.readableEnded || incoming.destroyed || incoming.complete) return Promise.resolve(true);
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), maxMs);
    const end = (isRead: boolean) => {
      clearTimeout(timer);
      resolve(isRead);
    };
    incoming.once('end', () => end(true));
    incoming.once('close', () => end(true));
    let bytes = 0;
    // The reader that gave up still listens, and would keep the chunks in memory.
    incoming.removeAllListeners('data');
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) end(false);
    });
    incoming.resume();
  });
}
