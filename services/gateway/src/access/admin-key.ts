import type { CreatedKey } from '@sluice/api';
import { asTransient, createPostgres } from '@sluice/postgres';
import { recordAudit, withOutbox } from '@sluice/delivery';
import { createKey } from './api-keys.ts';

/**
 * Makes a key with the role of an admin in the gateway's database: for the first admin, and when none is left. Whoever
 * reaches the database has the installation already.
 * @param createdBy as the record of keys names who did it.
 * @throws TransientError when Postgres cannot be reached, or has no tables of the gateway yet.
 */
export async function createAdminKey(
  databaseUrl: string,
  { name, reason, days }: { name: string; reason: string; days: number },
  createdBy: string,
): Promise<CreatedKey> {
  const sql = createPostgres({ url: databaseUrl, service: 'admin', schema: 'gateway', pool: 1 });
  try {
    const wish = { name, kind: 'person' as const, roles: ['admin' as const], scopes: null, reason, days };
    const { result } = await withOutbox(sql, async (tx) => {
      const made = await createKey(tx, wish, createdBy, new Date());
      const detail = { reason, name, roles: wish.roles, expiresAt: made.expiresAt };
      await recordAudit(tx, 'gateway', {
        actor: createdBy,
        action: 'create-key',
        subject: `key ${made.id}`,
        detail,
      });
      return made;
    });
    return result;
  } catch (error) {
    throw asTransient(error);
  } finally {
    await sql.end({ timeout: 2 });
  }
}
