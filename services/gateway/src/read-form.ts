import { repeatedParameters } from '@sluice/api';
import { PermanentError } from '@sluice/contracts';
import { readBody } from './read-body.ts';

/** Bytes that multipart framing may add to the file itself. */
const overheadBytes = 64 * 1024;
/** A form of a submission has at most 44 parts: the file, three parameters, 20 labels and 20 platforms. */
const partsMax = 100;

export interface ReadForm {
  body: Buffer;
  filename: string | null;
  /** The parameters beside the file; a list where a name may stand more than once. */
  fields: Record<string, string | string[]>;
}

/**
 * Reads a multipart form with the lockfile as `file`.
 * @throws PermanentError `input.invalid` for a form that cannot be read or has parts twice, `input.too-large`.
 */
export async function readForm(
  request: Request,
  { maxBytes, timeoutMs }: { maxBytes: number; timeoutMs: number },
): Promise<ReadForm> {
  const type = request.headers.get('content-type') ?? '';
  const raw = await readBody(request, maxBytes + overheadBytes, timeoutMs);
  limitParts(raw, type);
  const form = await new Response(new Uint8Array(raw), { headers: { 'content-type': type } })
    .formData()
    .catch((cause: unknown) => {
      throw new PermanentError('input.invalid', 'The form cannot be read.', { cause });
    });
  const file = onlyOne(form.getAll('file'), 'file');
  if (!file || typeof file === 'string') throw invalidPart('file', 'the form has no such file');
  if (file.size > maxBytes)
    throw new PermanentError('input.too-large', `The file may have ${maxBytes} bytes.`);
  return {
    body: Buffer.from(await file.arrayBuffer()),
    filename: file.name === '' ? null : file.name,
    fields: fieldsOf(form),
  };
}

/** Counted before anything is parsed: a part costs a hundred times its bytes. */
function limitParts(raw: Buffer, type: string): void {
  const boundaries = [...type.matchAll(/;\s*boundary=(?:"([^"\\]{1,70})"|([^\s";]{1,70}))/gi)];
  const boundary = boundaries[0]?.[1] ?? boundaries[0]?.[2];
  if (boundary === undefined || boundaries.length > 1)
    throw new PermanentError('input.invalid', 'The form has no single boundary.');
  const mark = Buffer.from(`--${boundary}`);
  let parts = 0;
  for (let at = raw.indexOf(mark); at >= 0; at = raw.indexOf(mark, at + mark.length)) {
    parts += 1;
    if (parts > partsMax) throw new PermanentError('input.invalid', `The form may have ${partsMax} parts.`);
  }
}

function fieldsOf(form: FormData): ReadForm['fields'] {
  const names = [...new Set(form.keys())].filter((name) => name !== 'file');
  return Object.fromEntries(
    names.map((name) => {
      const values = form.getAll(name);
      const texts = values.filter((value) => typeof value === 'string');
      if (texts.length < values.length) throw invalidPart(name, 'is no file');
      return [name, repeatedParameters.includes(name) ? texts : onlyOne(texts, name)!];
    }),
  );
}

function onlyOne<Value>(values: Value[], name: string): Value | undefined {
  if (values.length > 1) throw invalidPart(name, 'may be given once');
  return values[0];
}

function invalidPart(name: string, detail: string): PermanentError {
  const faults = [{ in: 'form' as const, pointer: `/${name}`, detail }];
  return new PermanentError('input.invalid', `${name}: ${detail}.`, { faults });
}
