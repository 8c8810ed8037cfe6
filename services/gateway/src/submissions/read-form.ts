import { repeatedParameters } from '@sluice/api';
import { PermanentError } from '@sluice/contracts';
import { readBody } from '../http/read-body.ts';

/** Bytes that multipart framing may add to a file, and the parameters to all. */
const overheadBytes = 64 * 1024;
/** A form of a submission has at most 43 parameters: three, 20 labels and 20 platforms. */
const parametersMax = 99;

export interface FormFile {
  /** As the client names it; null for none. */
  name: string | null;
  content: Buffer;
}

export interface ReadForm {
  files: FormFile[];
  /** The parameters beside the files; a list where a name may stand more than once. */
  fields: Record<string, string | string[]>;
}

export interface FormLimits {
  /** Of all files together. */
  maxBytes: number;
  timeoutMs: number;
  filesMax: number;
}

/**
 * Reads a multipart form with files as `file`.
 * @throws PermanentError `input.invalid` for a form that cannot be read, has no file or parts twice, `input.too-large`.
 */
export async function readForm(
  request: Request,
  { maxBytes, timeoutMs, filesMax }: FormLimits,
): Promise<ReadForm> {
  const type = request.headers.get('content-type') ?? '';
  const raw = await readBody(request, maxBytes + overheadBytes * filesMax, timeoutMs);
  limitParts(raw, type, parametersMax + filesMax);
  const form = await new Response(new Uint8Array(raw), { headers: { 'content-type': type } })
    .formData()
    .catch((cause: unknown) => {
      throw new PermanentError('input.invalid', 'The form cannot be read.', { cause });
    });
  return { files: await filesOf(form, { maxBytes, filesMax }), fields: fieldsOf(form) };
}

async function filesOf(
  form: FormData,
  { maxBytes, filesMax }: Pick<FormLimits, 'maxBytes' | 'filesMax'>,
): Promise<FormFile[]> {
  const parts = form.getAll('file');
  const files = parts.filter((part) => typeof part !== 'string');
  if (files.length === 0 || files.length < parts.length)
    throw invalidPart('file', 'the form has no such file');
  if (files.length > filesMax)
    throw invalidPart('file', filesMax === 1 ? 'may be given once' : `may be given ${filesMax} times`);
  if (files.reduce((sum, { size }) => sum + size, 0) > maxBytes)
    throw new PermanentError('input.too-large', `The files may have ${maxBytes} bytes.`);
  return Promise.all(
    files.map(async (file) => ({
      name: file.name === '' ? null : file.name,
      content: Buffer.from(await file.arrayBuffer()),
    })),
  );
}

/** Counted before anything is parsed: a part costs a hundred times its bytes. */
function limitParts(raw: Buffer, type: string, partsMax: number): void {
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
