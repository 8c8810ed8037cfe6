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
  const stated = request.headers.get('content-length');
  if (Number(stated ?? 0) > maxBytes) throw tooLarge(maxBytes);
  // Node ends a body at its stated length. Read as a stream, a small body costs as much as all else that is done with it.
  const reading =
    stated === null ? readStream(request, maxBytes) : request.arrayBuffer().then((body) => Buffer.from(body));
  // A body that fails after its time is over has its answer already.
  reading.catch(() => {});
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new PermanentError('input.slow-body', `The body took longer than ${timeoutMs} ms.`)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([reading, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function readStream(request: Request, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Not iterated over: leaving a loop early cancels the body.
  const reader = request.body?.getReader();
  for (;;) {
    const value = (await reader?.read())?.value;
    if (!value) return Buffer.concat(chunks);
    size += value.byteLength;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(value);
  }
}

function tooLarge(maxBytes: number): PermanentError {
  return new PermanentError('input.too-large', `The body may have ${maxBytes} bytes.`);
}
