import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createPostgres } from '@sluice/postgres';
import { keepPostgresPasswords, postgresSetupSql, postgresUsers, roleName } from '@sluice/rights';
import { migrateInstallation } from './migrate-installation.ts';

/** The file with a user's address of the database. */
export const databaseUrlFile = (folder: string, user: string): string => join(folder, `${user}.url`);

/**
 * Makes roles, schemas and tables, and writes the address of each user into a file for its owner only.
 * @param url of a role that may do everything.
 * @param folder of passwords and addresses.
 */
export async function prepareDatabase(url: string, folder: string): Promise<void> {
  const passwords = await keepPostgresPasswords(folder);
  const sql = createPostgres({ url, service: 'setup', schema: 'public', pool: 1 });
  try {
    const database = decodeURIComponent(new URL(url).pathname.slice(1));
    await sql.unsafe(postgresSetupSql({ database, passwords }));
    await migrateInstallation(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
  for (const user of postgresUsers) {
    const address = new URL(url);
    address.username = roleName(user);
    address.password = passwords[user];
    await writeFile(databaseUrlFile(folder, user), `${address.href}\n`, { mode: 0o600 });
  }
}
