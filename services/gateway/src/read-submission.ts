import { PermanentError, laneSchema, type Lane } from '@sluice/contracts';
import { readBody } from './read-body.ts';
import type { Submitted } from './submit.ts';

/** Limits on what people attach to a request. */
const textMaxChars = 200;
const labelsMax = 20;
/** What multipart framing may add to the file itself. */
const multipartOverheadBytes = 64 * 1024;

/**
 * Reads a submission from a request: the lockfile as the body with its parameters in the query, or a multipart form
 * with the lockfile as `file` and the parameters beside it.
 */
export async function readSubmission(
  request: Request,
  limits: { maxBytes: number; timeoutMs: number },
): Promise<Submitted> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  const idempotencyKey = request.headers.get('idempotency-key');
  if (idempotencyKey !== null && (idempotencyKey.length === 0 || idempotencyKey.length > textMaxChars)) {
    throw new PermanentError('input.invalid', `Idempotency-Key: 1 to ${textMaxChars} characters.`);
  }
  if (type === 'multipart/form-data') return { ...(await readForm(request, limits)), idempotencyKey };
  if (type !== 'application/json' && type !== 'application/octet-stream' && type !== 'text/plain') {
    throw new PermanentError('input.unsupported-media-type', `The content type is "${type || 'missing'}".`);
  }
  const query = new URL(request.url).searchParams;
  const body = await readBody(request, limits.maxBytes, limits.timeoutMs);
  return { body, filename: text(query.get('filename'), 'filename'), ...parameters(query), idempotencyKey };
}

async function readForm(request: Request, { maxBytes, timeoutMs }: { maxBytes: number; timeoutMs: number }) {
  const raw = await readBody(request, maxBytes + multipartOverheadBytes, timeoutMs);
  const headers = { 'content-type': request.headers.get('content-type')! };
  const form = await new Response(new Uint8Array(raw), { headers }).formData().catch((cause: unknown) => {
    throw new PermanentError('input.invalid', 'The form cannot be read.', { cause });
  });
  const file = form.get('file');
  if (!file || typeof file === 'string')
    throw new PermanentError('input.invalid', 'file: the form has no such file.');
  if (file.size > maxBytes)
    throw new PermanentError('input.too-large', `The file may have ${maxBytes} bytes.`);
  return {
    body: Buffer.from(await file.arrayBuffer()),
    filename: text(file.name, 'filename'),
    ...parameters(form),
  };
}

/** What both forms of submission have in common: a lane, a requester and labels. */
interface Parameters {
  get(name: string): unknown;
  getAll(name: string): unknown[];
}

function parameters(from: Parameters): { lane: Lane; requester: string; labels: Record<string, string> } {
  const lane = laneSchema.safeParse(from.get('lane') ?? 'interactive');
  if (!lane.success) throw new PermanentError('input.invalid', 'lane: interactive or bulk.');
  return {
    lane: lane.data,
    requester: text(from.get('requester'), 'requester') ?? 'anonymous',
    labels: Object.fromEntries(labels(from.getAll('label'))),
  };
}

function labels(raw: unknown[]): [string, string][] {
  if (raw.length > labelsMax)
    throw new PermanentError('input.invalid', `label: at most ${labelsMax} of them.`);
  return raw.map((entry) => {
    const match = /^([A-Za-z0-9][A-Za-z0-9._/-]{0,62})=(.*)$/s.exec(String(entry));
    if (!match) throw new PermanentError('input.invalid', 'label: write it as name=value.');
    return [match[1]!, text(match[2], 'label') ?? ''];
  });
}

function text(value: unknown, field: string): string | null {
  if (value === null || value === undefined || value === '') return null;
  // Control characters end up on somebody's terminal.
  // oxlint-disable-next-line no-control-regex
  if (typeof value !== 'string' || value.length > textMaxChars || /[\u0000-\u001f\u007f]/.test(value)) {
    throw new PermanentError('input.invalid', `${field}: at most ${textMaxChars} printable characters.`);
  }
  return value;
}
