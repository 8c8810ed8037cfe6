import { z } from '../documented-zod.ts';
import { moment } from '../moment.ts';

/** A session of who has signed in, as that one sees it: never its cookie or token. */
export const sessionSchema = z
  .object({
    id: z.uuid(),
    kind: z
      .enum(['browser', 'command'])
      .openapi({ description: '`command`: of a command line that signed in with `sluice login`.' }),
    createdAt: moment,
    lastUsedAt: moment.openapi({ description: 'Noted once a minute at most.' }),
    expiresAt: moment,
    address: z.string().nullable().openapi({ description: 'Where it was begun from.', example: '192.0.2.7' }),
    userAgent: z.string().nullable(),
  })
  .openapi('Session');
export type Session = z.infer<typeof sessionSchema>;

export const sessionListSchema = z.object({ items: z.array(sessionSchema) }).openapi('SessionList');
export const endSessionSchema = z.strictObject({}).openapi('EndSession');
export const endedSessionSchema = z.object({ id: z.uuid() }).openapi('EndedSession');
