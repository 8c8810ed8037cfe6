import { PermanentError } from '@sluice/contracts';

/**
 * Reads a request body under a limit on size and time; nothing larger is ever held in memory. The rest of a refused body
 * is not cancelled, because that closes the connection: the server reads it after the answer.
 * @throws PermanentError `input.too-large`, `input.slow-body`, `input.unsupported-media-type`.
 */
export async function readBody(request: Request, maxBytes: number, timeoutMs: number): Promise<Buffer> {
  if (request.headers.has('content-encoding')) {
    throw new PermanentError('input.unsupported-media-type', 'Compressed bodies are not taken.');
  }
  const tooLarge = () => new PermanentError('input.too-large', `The body may have ${maxBytes} bytes.`);
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge();
  if (!request.body) return Buffer.alloc(0);
  const reader = request.body.getReader();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new PermanentError('input.slow-body', `The body took longer than ${timeoutMs} ms.`)),
      timeoutMs,
    );
  });
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), late]);
      if (done) return Buffer.concat(chunks);
      size += value.byteLength;
      if (size > maxBytes) throw tooLarge();
      chunks.push(value);
    }
  } finally {
    clearTimeout(timer);
  }
}
