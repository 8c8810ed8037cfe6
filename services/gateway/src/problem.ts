import { z } from '@hono/zod-openapi';
import { trace } from '@opentelemetry/api';
import { TransientError, errorCodeOf, errorCodes, isCoded, type ErrorCode } from '@sluice/contracts';
import { asTransient } from '@sluice/postgres';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** What the outside sees of an error. RFC 9457, with a stable code, a remedy and the trace to look it up by. */
export const problemSchema = z
  .object({
    type: z.string().openapi({ example: 'urn:sluice:error:request.not-found' }),
    code: z.string().openapi({ example: 'request.not-found' }),
    title: z.string().openapi({ example: 'There is no such request.' }),
    status: z.number().int().openapi({ example: 404 }),
    detail: z.string().openapi({ example: 'No request has the id 0190….' }),
    remedy: z.string().openapi({ example: 'Check the id; GET /v1/requests lists them.' }),
    traceId: z.string().nullable().openapi({ example: '4bf92f3577b34da6a3ce929d0e0e4736' }),
  })
  .openapi('Problem');

/** How long a client should stay away when a part is missing, in seconds. */
const retryAfterSeconds = 5;

export function problemResponse(
  c: Context,
  code: ErrorCode,
  detail: string,
  retryAfterMs?: number,
): Response {
  const { status, title, remedy } = errorCodes[code];
  const traceId = trace.getActiveSpan()?.spanContext().traceId ?? null;
  if (status === 503)
    c.header('Retry-After', String(Math.ceil((retryAfterMs ?? retryAfterSeconds * 1000) / 1000)));
  const body = { type: `urn:sluice:error:${code}`, code, title, status, detail, remedy, traceId };
  return c.body(JSON.stringify(body), status as ContentfulStatusCode, {
    'content-type': 'application/problem+json',
  });
}

/** Answers whatever a route threw. Of a defect the outside learns only where to look it up. */
export function errorResponse(c: Context, thrown: unknown): Response {
  const error = asTransient(thrown);
  const code = errorCodeOf(error);
  const detail = isCoded(error) ? error.message : errorCodes.internal.title;
  return problemResponse(c, code, detail, error instanceof TransientError ? error.retryAfterMs : undefined);
}

/** Documents the problems that a route can answer with, by code. */
export function problems(...codes: ErrorCode[]) {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
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
