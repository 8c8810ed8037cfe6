import type { Problem } from '@sluice/api';
import { key } from './session.ts';

/** An answer of the API that is no success, or none at all. */
export class ApiError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.title);
    this.problem = problem;
  }
}

export interface Call {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  body?: unknown;
  /** A file with its media type, in place of a body of JSON. */
  file?: Blob;
  /** The tag of the last answer: the same answer is null. */
  etag?: string | undefined;
  signal?: AbortSignal;
}

export interface Answer<Data> {
  data: Data;
  etag: string | undefined;
}

/**
 * Calls the API as the person whose key or session this tab has.
 * @returns null when nothing has changed since `etag`.
 * @throws ApiError.
 */
export async function call<Data>(path: string, options: Call = {}): Promise<Answer<Data> | null> {
  const response = await send(path, options);
  if (response.status === 304) return null;
  if (!response.ok) throw new ApiError(await problemOf(response));
  const data = response.status === 204 ? null : ((await response.json()) as unknown);
  return { data: data as Data, etag: response.headers.get('etag') ?? undefined };
}

/** As `call`, for acts and single reads. */
export async function ask<Data>(path: string, options: Call = {}): Promise<Data> {
  return (await call<Data>(path, options))!.data;
}

export async function send(
  path: string,
  { method = 'GET', body, file, etag, signal }: Call,
): Promise<Response> {
  const headers = new Headers({ accept: 'application/json, application/problem+json, */*;q=0.1' });
  if (key.value !== null) headers.set('authorization', `Bearer ${key.value}`);
  if (etag !== undefined) headers.set('if-none-match', etag);
  if (body !== undefined) headers.set('content-type', 'application/json');
  if (file) headers.set('content-type', file.type);
  try {
    return await fetch(path, {
      method,
      headers,
      body: file ?? (body === undefined ? null : JSON.stringify(body)),
      cache: 'no-store',
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(unreachable);
  }
}

const unreachable: Problem = {
  type: 'about:blank',
  code: 'console.unreachable',
  title: 'The gateway does not answer.',
  status: 0,
  detail: 'No connection could be made.',
  remedy: 'It is tried again by itself. If it stays so, see whether the gateway runs.',
  traceId: null,
};

async function problemOf(response: Response): Promise<Problem> {
  const problem = (await response.json().catch(() => null)) as Problem | null;
  if (problem?.code !== undefined) return problem;
  return {
    ...unreachable,
    code: 'console.unknown-answer',
    title: `The answer was ${response.status} ${response.statusText}.`,
    status: response.status,
    detail: 'It is none of the gateway; a proxy between may have made it.',
    remedy: 'Look at what stands between this browser and the gateway.',
  };
}

/** `{limit: 50, scope: undefined}` as `?limit=50`. */
export function query(parameters: Record<string, string | number | undefined | null>): string {
  const set = Object.entries(parameters).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  );
  const text = new URLSearchParams(set.map(([name, value]) => [name, String(value)])).toString();
  return text === '' ? '' : `?${text}`;
}

/** A purl as one segment of a path. */
export const segment = (text: string) => encodeURIComponent(text);
