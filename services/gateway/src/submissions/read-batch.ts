import { batchParametersSchema } from '@sluice/api';
import { PermanentError, visibleText, type InputFault } from '@sluice/contracts';
import { invalidInput } from '../http/input-faults.ts';
import { readBody } from '../http/read-body.ts';
import { readForm, type FormFile } from './read-form.ts';
import {
  inQuery,
  mediaType,
  queryFields,
  readKey,
  requireFormHeader,
  sortedPlatforms,
} from './read-submission.ts';
import type { SubmittedBatch } from './submit-batch.ts';

/** As many lockfiles as a batch may have. */
const filesMax = 500;
const pathMaxChars = 300;
const zipTypes = new Set(['application/zip', 'application/x-zip-compressed']);

/** A batch that may name its requester. */
export type ReadBatch = Omit<SubmittedBatch, 'requester'> & { requester?: string | undefined };

/**
 * Reads a batch from a request: a zip as the body with its parameters in the query, or a multipart form with a zip or several files
 * as `file` and the parameters beside them. A zip is not opened here.
 * @throws PermanentError with an `input.*` code.
 */
export async function readBatch(
  request: Request,
  limits: { maxBytes: number; timeoutMs: number },
): Promise<ReadBatch> {
  const type = mediaType(request);
  const idempotencyKey = readKey(request);
  const query = new URL(request.url).searchParams;
  if (type === 'multipart/form-data') {
    requireFormHeader(request);
    if (query.size > 0) throw inQuery([...query.keys()]);
    const { files, fields } = await readForm(request, { ...limits, filesMax });
    const [only, ...others] = files;
    if (others.length === 0 && isZip(only!)) {
      const { name, content } = only!;
      const read = parameters({ ...fields, ...(name === null ? {} : { filename: baseName(name) }) }, 'form');
      return { ...read, upload: { kind: 'archive', bytes: content }, idempotencyKey };
    }
    const upload = { kind: 'files' as const, files: sentFiles(files) };
    return { ...parameters(fields, 'form'), upload, idempotencyKey };
  }
  if (!zipTypes.has(type))
    throw new PermanentError('input.unsupported-media-type', `The content type is "${type || 'missing'}".`);
  const read = parameters(queryFields(query), 'query');
  const bytes = await readBody(request, limits.maxBytes, limits.timeoutMs);
  return { ...read, upload: { kind: 'archive', bytes }, idempotencyKey };
}

/** An archive by its first bytes, or at least by its name: whether it can be read is told by the batch. */
function isZip({ name, content }: FormFile): boolean {
  return content.toString('latin1', 0, 2) === 'PK' || /\.zip$/i.test(name ?? '');
}

function baseName(name: string): string {
  return name.split(/[/\\]/).at(-1)!;
}

/** Paths are names here: nothing is ever written to one. */
function sentFiles(files: readonly FormFile[]): { path: string; content: Buffer }[] {
  const seen = new Set<string>();
  return files.map(({ name, content }, at) => {
    const path = (name ?? '').replace(/^\.\//, '');
    const fault = pathFault(path) ?? (seen.has(path) ? 'two files have this name' : null);
    if (fault !== null) {
      const faults = [{ in: 'form' as const, pointer: `/file/${at}`, detail: fault }];
      throw new PermanentError('input.invalid', `file ${at + 1}: ${fault}.`, { faults });
    }
    seen.add(path);
    return { path, content };
  });
}

function pathFault(path: string): string | null {
  if (path === '') return 'a file of several needs a name';
  const shown = visibleText(pathMaxChars).safeParse(path);
  if (!shown.success) return `the name ${shown.error.issues[0]!.message}`;
  if (path.includes('\\')) return 'a name has slashes between folders, no backslashes';
  if (/^\/|^[a-z]:/i.test(path) || path.split('/').some((part) => ['', '.', '..'].includes(part)))
    return 'a name is a path within the batch';
  return null;
}

function parameters(
  given: Record<string, unknown>,
  place: NonNullable<InputFault['in']>,
): Omit<ReadBatch, 'upload' | 'idempotencyKey'> {
  const read = batchParametersSchema.safeParse(given);
  if (!read.success) throw invalidInput(read.error, place);
  const { filename = null, label: labels = [], platform: platforms = [], ...rest } = read.data;
  return { ...rest, filename, labels: Object.fromEntries(labels), platforms: sortedPlatforms(platforms) };
}
