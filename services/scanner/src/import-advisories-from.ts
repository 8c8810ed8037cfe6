import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { names } from '@sluice/ecosystems/names';
import { createEgress } from '@sluice/egress';
import { createPostgres, migrate } from '@sluice/postgres';
import { downloadAdvisories } from './advisories/download-advisories.ts';
import { importAdvisories, type AdvisoryImport } from './advisories/import-advisories.ts';
import { scannerMigrations, scannerSchema } from './migrations.ts';

/**
 * Imports advisories by hand: from a zip file or folder of OSV records, or from a URL of such a zip.
 * Works with and without a running stack; the scanner publishes the fact when it runs.
 * @param options.ecosystem takes in this ecosystem only; OSV's name of it.
 * @param onProgress called with the number of files read so far.
 * @throws PermanentError `advisories.invalid` when there are no OSV records in it; errors of egress for a URL.
 */
export async function importAdvisoriesFrom(
  databaseUrl: string,
  source: string,
  { ecosystem }: { ecosystem?: string } = {},
  onProgress?: (filesRead: number) => void,
): Promise<AdvisoryImport[]> {
  const sql = createPostgres({
    url: databaseUrl,
    service: 'advisories',
    schema: scannerSchema,
    pool: 2,
  });
  try {
    for (const migrations of scannerMigrations) await migrate(sql, migrations);
    return await withLocalFile(source, (file) =>
      importAdvisories(sql, file, {
        ecosystems: names.filter(({ osvName }) => ecosystem === undefined || osvName === ecosystem),
        sourceName: source,
        ...(onProgress ? { onProgress } : {}),
      }),
    );
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function withLocalFile<T>(source: string, use: (file: string) => Promise<T>): Promise<T> {
  if (!/^https?:\/\//i.test(source)) return await use(path.resolve(source));
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-advisories-'));
  // An address on the command line is trusted, also a private one.
  const egress = createEgress({ allowHosts: [], trustedOrigins: [new URL(source).origin] });
  try {
    const file = path.join(folder, 'advisories.zip');
    const nothingKnown = { etag: null, lastModified: null };
    await downloadAdvisories(egress, source, file, nothingKnown, new AbortController().signal);
    return await use(file);
  } finally {
    await egress.close();
    await rm(folder, { recursive: true, force: true });
  }
}
