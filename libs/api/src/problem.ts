import { z } from './documented-zod.ts';

/** An error as clients see it: RFC 9457, with a stable code, a remedy and the trace to look it up by. */
export const problemSchema = z
  .object({
    type: z.string().openapi({
      description: 'Address of a page about the code, relative to the address of the API.',
      example: '/problems/request.not-found',
    }),
    code: z.string().openapi({ example: 'request.not-found' }),
    title: z.string().openapi({ example: 'There is no such request.' }),
    status: z.number().int().openapi({ example: 404 }),
    detail: z.string().openapi({ example: 'No request has the id 0190….' }),
    instance: z
      .string()
      .optional()
      .openapi({ description: 'The path that was asked for.', example: '/v1/requests/0190…' }),
    remedy: z.string().openapi({ example: 'Check the id; GET /v1/requests lists them.' }),
    traceId: z.string().nullable().openapi({ example: '4bf92f3577b34da6a3ce929d0e0e4736' }),
    errors: z
      .array(
        z.object({
          in: z.enum(['body', 'form', 'query', 'path', 'header']),
          pointer: z.string().openapi({
            description: 'JSON pointer to the field in that part of the request; empty for all of it.',
            example: '/reason',
          }),
          detail: z.string().openapi({ example: 'is blank' }),
        }),
      )
      .optional()
      .openapi({ description: 'Each fault of the input by its place, where it can be told.' }),
  })
  .openapi('Problem');
export type Problem = z.infer<typeof problemSchema>;
