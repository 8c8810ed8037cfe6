import { trace } from '@opentelemetry/api';
import { problemSchema, type Problem } from '@sluice/api';
import {
  PermanentError,
  TransientError,
  boundedText,
  errorCodeOf,
  errorCodes,
  isCoded,
  type ErrorCode,
  type InputFault,
} from '@sluice/contracts';
import { asBrokerOutage } from '@sluice/broker';
import { asTransient } from '@sluice/postgres';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** How long a client should stay away when a part is missing, in seconds. */
const retryAfterSeconds = 5;

/** Length of a detail, which may quote the client. */
const detailMaxChars = 4_000;

export function problemResponse(
  c: Context,
  code: ErrorCode,
  detail: string,
  { retryAfterMs, faults = [] }: { retryAfterMs?: number | undefined; faults?: readonly InputFault[] } = {},
): Response {
  const traceId = trace.getActiveSpan()?.spanContext().traceId ?? null;
  const instance = new URL(c.req.url).pathname;
  const body = problemBody(code, detail, { traceId, faults, instance });
  if (body.status === 401) c.header('WWW-Authenticate', 'Bearer realm="sluice"');
  if (body.status === 503 || body.status === 429)
    c.header('Retry-After', String(Math.ceil((retryAfterMs ?? retryAfterSeconds * 1000) / 1000)));
  return c.body(JSON.stringify(body), body.status as ContentfulStatusCode, {
    'content-type': problemType,
  });
}

export const problemType = 'application/problem+json';

/**
 * The `type` of a problem. RFC 9457 prefers absolute addresses and allows relative ones with the full path: the gateway
 * does not know the name by which its clients reach it, and they do.
 */
export const problemPath = <Code extends string>(code: Code) => `/problems/${code}` as const;

interface ProblemContext {
  traceId?: string | null;
  faults?: readonly InputFault[];
  /** Path of the request; unknown for input that is no HTTP. */
  instance?: string;
}

export function problemBody(
  code: ErrorCode,
  detail: string,
  { traceId = null, faults = [], instance }: ProblemContext = {},
): Problem {
  const { status, title, remedy } = errorCodes[code];
  return {
    type: problemPath(code),
    code,
    title,
    status,
    detail: boundedText(detail, detailMaxChars),
    ...(instance === undefined ? {} : { instance }),
    remedy,
    traceId,
    ...(faults.length > 0 ? { errors: faults.map((fault) => ({ in: 'body' as const, ...fault })) } : {}),
  };
}

/** Answers an error of a route. Of a defect clients learn only the trace to look it up by. */
export function errorResponse(c: Context, thrown: unknown): Response {
  const error = asBrokerOutage(asTransient(thrown));
  const code = errorCodeOf(error);
  const detail = isCoded(error) ? error.message : errorCodes.internal.title;
  return problemResponse(c, code, detail, {
    ...(error instanceof TransientError ? { retryAfterMs: error.retryAfterMs } : {}),
    ...(error instanceof PermanentError ? { faults: error.faults } : {}),
  });
}

/** Problems of every route: headers and query parameters are looked at before it. */
const everywhere = [
  'input.invalid',
  'origin.not-allowed',
  'input.not-acceptable',
  'host.not-allowed',
  'input.headers-too-large',
] as const;

/** Problems of every route that needs a right. */
const guarded = [
  'access.unauthenticated',
  'access.key-invalid',
  'access.session-ended',
  'access.forbidden',
] as const;

/** Problems of routes that ask a server. */
export const askingProblems = ['backend.unavailable', 'internal'] as const;
/** Problems of routes that have another service do something for the one who asks. */
export const commandProblems = [...askingProblems, 'backend.timeout', 'access.not-yourself'] as const;

/**
 * Documents the problems that a route can answer with, by code; those of every route are among them. A handler throws
 * them, so its type does not have them among its answers.
 */
export function problems(...codes: ErrorCode[]): object {
  return publicProblems(...guarded, ...codes);
}

/** Like `problems`, for a route that needs no right. */
export function publicProblems(...codes: ErrorCode[]): object {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of new Set([...everywhere, ...codes])) {
    const { status } = errorCodes[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, sharing]) => [
      status,
      {
        description: sharing.map((code) => `\`${code}\`: ${errorCodes[code].title}`).join(' '),
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    ]),
  );
}
