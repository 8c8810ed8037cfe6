import type { CreatedKey } from '@sluice/api';
import { asTransient, createPostgres } from '@sluice/postgres';
import { withOutbox } from '@sluice/delivery';
import { createKey } from './api-keys.ts';

/**
 * Makes a key with the role of an admin in the gateway's database: for the first admin, and when none is left. A
 * person who reaches the database has the installation already.
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
    const { result } = await withOutbox(sql, (tx) => createKey(tx, wish, createdBy, new Date()));
    return result;
  } catch (error) {
    throw asTransient(error);
  } finally {
    await sql.end({ timeout: 2 });
  }
}
