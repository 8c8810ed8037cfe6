import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Sql } from './sql.ts';

/**
 * Applies a folder of numbered SQL files (`0001-name.sql`) to a schema, each once and in its own transaction.
 * Several processes may start at once: an advisory lock lets one migrate and the others wait. A file that was
 * changed after it was applied is an error; a database that is ahead of the code is not (a rolling update).
 * @param options.upTo the last file to apply; all unless given.
 * @returns the names of the files that were applied.
 */
export async function migrate(
  sql: Sql,
  options: { schema: string; folder: URL; upTo?: string },
): Promise<string[]> {
  const { schema, folder, upTo } = options;
  const files = (await readdir(folder))
    .filter((file) => /^\d{4}-.+\.sql$/.test(file) && (upTo === undefined || file <= upTo))
    .toSorted();
  const connection = await sql.reserve();
  const applied: string[] = [];
  try {
    await connection`select pg_advisory_lock(hashtext(${`sluice migrate ${schema}`}))`;
    await connection.unsafe(`create schema if not exists "${schema}"`);
    await connection.unsafe(
      `create table if not exists "${schema}".schema_migrations (
         name text primary key, checksum text not null, applied_at timestamptz not null default now())`,
    );
    const known = new Map(
      (
        await connection.unsafe<{ name: string; checksum: string }[]>(
          `select name, checksum from "${schema}".schema_migrations`,
        )
      ).map((row) => [row.name, row.checksum]),
    );
    for (const file of files) {
      const text = await readFile(path.join(fileURLToPath(folder), file), 'utf8');
      const checksum = createHash('sha256').update(text).digest('hex');
      const before = known.get(file);
      if (before === checksum) continue;
      if (before)
        throw new Error(
          `Migration ${schema}/${file} was changed after it was applied; add a new file instead.`,
        );
      // One simple-protocol query: the file and its record commit together. Building an index may outlast the
      // statement timeout of ordinary work.
      await connection
        .unsafe(
          `begin; set local statement_timeout = 0; set local search_path = "${schema}";\n${text}\n;
         insert into "${schema}".schema_migrations (name, checksum) values ('${file}', '${checksum}'); commit;`,
        )
        .catch(async (error: unknown) => {
          await connection.unsafe('rollback');
          throw new Error(`Migration ${schema}/${file} failed: ${(error as Error).message}`, {
            cause: error,
          });
        });
      applied.push(file);
    }
  } finally {
    await connection`select pg_advisory_unlock(hashtext(${`sluice migrate ${schema}`}))`.catch(() => {});
    connection.release();
  }
  return applied;
}
