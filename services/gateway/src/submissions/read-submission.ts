import { repeatedParameters, submissionParametersSchema } from '@sluice/api';
import { PermanentError, type InputFault } from '@sluice/contracts';
import { idempotencyKey } from './idempotency-key.ts';
import { invalidInput } from '../http/input-faults.ts';
import { readBody } from '../http/read-body.ts';
import { readForm } from './read-form.ts';
import type { Submitted } from './submit.ts';

/** A submission that may name its requester. */
export type ReadSubmission = Omit<Submitted, 'requester'> & { requester?: string | undefined };

/** A form is a media type that pages of other sites may send unasked, but never with a header of their own. */
const formHeader = 'x-sluice-client';

/**
 * Reads a submission from a request: the lockfile as the body with its parameters in the query, or a multipart form
 * with the lockfile as `file` and the parameters beside it.
 */
export async function readSubmission(
  request: Request,
  limits: { maxBytes: number; timeoutMs: number },
): Promise<ReadSubmission> {
  const type = mediaType(request);
  const key = readKey(request);
  const query = new URL(request.url).searchParams;
  if (type === 'multipart/form-data') {
    requireFormHeader(request);
    if (query.size > 0) throw inQuery([...query.keys()]);
    const { files, fields } = await readForm(request, { ...limits, filesMax: 1 });
    const { name, content } = files[0]!;
    return {
      body: content,
      ...parameters({ ...fields, ...(name === null ? {} : { filename: name }) }, 'form'),
      idempotencyKey: key,
    };
  }
  if (type !== 'application/json' && type !== 'application/octet-stream') {
    throw new PermanentError('input.unsupported-media-type', `The content type is "${type || 'missing'}".`);
  }
  const read = parameters(queryFields(query), 'query');
  const body = await readBody(request, limits.maxBytes, limits.timeoutMs);
  return { body, ...read, idempotencyKey: key };
}

export function mediaType(request: Request): string {
  return request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
}

/** @throws PermanentError `input.client-header-missing`. */
export function requireFormHeader(request: Request): void {
  if (!request.headers.get(formHeader)?.trim())
    throw new PermanentError('input.client-header-missing', `A form needs the header ${formHeader}.`);
}

/** The parameters of a query; a list where a name may stand more than once. */
export function queryFields(query: URLSearchParams): Record<string, unknown> {
  const given = [...query.keys()].map((name) => [
    name,
    repeatedParameters.includes(name) ? query.getAll(name) : query.getAll(name).at(-1),
  ]);
  return Object.fromEntries(given) as Record<string, unknown>;
}

/** @throws PermanentError `input.invalid` for a key that is none. */
export function readKey(request: Request): string | null {
  const header = request.headers.get('idempotency-key');
  const key = idempotencyKey.nullable().safeParse(header);
  if (key.success) return key.data;
  const detail = key.error.issues[0]!.message;
  throw new PermanentError('input.invalid', `Idempotency-Key: ${detail}.`, {
    faults: [{ in: 'header', pointer: '/idempotency-key', detail }],
  });
}

export function inQuery(names: string[]): PermanentError {
  const detail = 'a form has its parameters as parts, not in the query';
  const faults = names.map((name) => ({ in: 'query' as const, pointer: `/${name}`, detail }));
  return new PermanentError('input.invalid', `${names.join(', ')}: ${detail}.`, { faults });
}

function parameters(
  given: Record<string, unknown>,
  place: NonNullable<InputFault['in']>,
): Omit<ReadSubmission, 'body' | 'idempotencyKey'> {
  const read = submissionParametersSchema.safeParse(given);
  if (!read.success) throw invalidInput(read.error, place);
  const { filename = null, format = null, label: labels = [], platform: platforms = [], ...rest } = read.data;
  return {
    ...rest,
    filename,
    format,
    labels: Object.fromEntries(labels),
    platforms: sortedPlatforms(platforms),
  };
}

/** Each once and in order; none for all. */
export function sortedPlatforms(platforms: readonly string[]): string[] {
  return platforms.includes('all') ? [] : [...new Set(platforms)].toSorted();
}
