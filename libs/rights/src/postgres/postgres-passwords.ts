import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ownSecret } from '../secrets/own-secret.ts';
import { postgresUsers, type PostgresUser } from './postgres-rights.ts';

/** The file of a user's password in a folder of them. */
export const passwordFile = (folder: string, user: string): string => join(folder, `${user}.password`);

/**
 * Has a password for each user in a folder, made when it is not there; passwords and folder are for their owner only.
 * @returns passwords by user.
 */
export async function keepPostgresPasswords(folder: string): Promise<Record<PostgresUser, string>> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const passwords = await Promise.all(
    postgresUsers.map(async (user) => [user, await ownSecret(passwordFile(folder, user))]),
  );
  return Object.fromEntries(passwords) as Record<PostgresUser, string>;
}
