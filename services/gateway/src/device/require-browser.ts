import type { Grant } from '@sluice/api';
import { PermanentError } from '@sluice/contracts';
import type { Sql } from '@sluice/postgres';
import type { Context } from 'hono';
import { takeQuota } from '../quotas/take-quota.ts';
import { deviceSeconds } from './device-codes.ts';

/** A code has 34 bits: with so few tries a person does not come upon one that waits. */
const tries = { limit: 5, windowSeconds: deviceSeconds };

/**
 * The session of a browser. A token could else make others that outlive it.
 * @throws PermanentError `access.browser-only`.
 */
export function requireBrowser(c: Context): { name: string; grants: Grant[]; sessionId: string } {
  const { name, grants, sessionId } = c.var.principal;
  if (sessionId !== null && c.req.header('authorization') === undefined) return { name, grants, sessionId };
  throw new PermanentError('access.browser-only', `${name} shows a key or a token.`);
}

/** @throws PermanentError `device.too-many-tries`. */
export async function requireTry(own: Sql, step: 'find' | 'decide', name: string): Promise<void> {
  const { isWithin } = await takeQuota(own, `device ${step} ${name}`, tries);
  if (isWithin) return;
  throw new PermanentError('device.too-many-tries', `${name} has tried ${tries.limit} codes in ten minutes.`);
}
