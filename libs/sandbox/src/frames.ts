/**
 * Messages on the pipes between the service and a sandbox child: a kind, a length, that many bytes. Nothing is
 * deserialised but JSON, in either direction.
 */
export type FrameKind = 'ready' | 'job' | 'data' | 'end' | 'result' | 'failed';

const kinds: FrameKind[] = ['ready', 'job', 'data', 'end', 'result', 'failed'];
const headerBytes = 5;

export interface Frame {
  kind: FrameKind;
  body: Buffer;
}

export function encodeFrame(kind: FrameKind, body: Uint8Array = new Uint8Array()): Buffer {
  const frame = Buffer.allocUnsafe(headerBytes + body.length);
  frame[0] = kinds.indexOf(kind);
  frame.writeUInt32BE(body.length, 1);
  frame.set(body, headerBytes);
  return frame;
}

/**
 * Cuts a stream of bytes into frames.
 * @param bodyMaxBytes a longer frame is an error: the other side is out of its mind.
 */
export async function* decodeFrames(
  chunks: AsyncIterable<Buffer>,
  bodyMaxBytes: number,
): AsyncGenerator<Frame> {
  let parts: Buffer[] = [];
  let length = 0;
  let needed = headerBytes;
  for await (const chunk of chunks) {
    parts.push(chunk);
    length += chunk.length;
    if (length < needed) continue;
    let bytes = parts.length === 1 ? chunk : Buffer.concat(parts);
    needed = headerBytes;
    while (bytes.length >= headerBytes) {
      const kind = kinds[bytes[0]!];
      const size = bytes.readUInt32BE(1);
      if (!kind || size > bodyMaxBytes) throw new Error(`A frame of kind ${bytes[0]} and ${size} bytes.`);
      needed = headerBytes + size;
      if (bytes.length < needed) break;
      yield { kind, body: bytes.subarray(headerBytes, needed) };
      bytes = bytes.subarray(needed);
      needed = headerBytes;
    }
    parts = [bytes];
    length = bytes.length;
  }
}
