import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { postgresUsers, roleName, type PostgresUser } from './postgres-rights.ts';

/** The file of a user's address in a folder of them. */
export const databaseUrlFile = (folder: string, user: string): string => join(folder, `${user}.url`);

/**
 * Writes the address of each user of the database into a file for its owner alone.
 * @param base an address of the database; user and password in it are left out, settings such as `sslmode` are kept.
 */
export async function writeDatabaseUrls(
  folder: string,
  {
    base,
    passwords,
    prefix,
  }: { base: string; passwords: Record<PostgresUser, string>; prefix?: string | undefined },
): Promise<void> {
  for (const user of postgresUsers) {
    const address = new URL(base);
    address.username = roleName(user, prefix);
    address.password = passwords[user];
    await writeFile(databaseUrlFile(folder, user), `${address.href}\n`, { mode: 0o600 });
  }
}
