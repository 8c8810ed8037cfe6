import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PostgresHome } from './postgres-home.ts';
import { SetupError, type OnStep } from './setup-error.ts';

const run = promisify(execFile);

export const postgresUserName = 'sluice';

/** A small fixed environment: nothing of the caller's locale, time zone or PG* variables gets into the cluster. */
export const postgresEnv = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/**
 * Creates the cluster on the first start and returns the password of its owner. The collation is the built-in C.UTF-8:
 * it sorts by code point and does not change with the C library of the machine. The cluster appears under its name
 * only when it is complete, so that an interrupted first start is simply repeated.
 */
export async function ensureCluster(home: PostgresHome, durable: boolean, onStep: OnStep): Promise<string> {
  const passwordFile = join(home.folder, 'password');
  if (await stat(join(home.dataFolder, 'PG_VERSION')).catch(() => null)) {
    await requireSameMajor(home);
    return (await readFile(passwordFile, 'utf8')).trim();
  }
  onStep('Creating the database …');
  const unfinished = `${home.dataFolder}.new`;
  await Promise.all(
    [home.dataFolder, unfinished].map((folder) => rm(folder, { recursive: true, force: true })),
  );
  const password = randomBytes(24).toString('hex');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (home.user) await chown(passwordFile, home.user.uid, home.user.gid);
  const args = [
    ['--pgdata', unfinished],
    ['--username', postgresUserName],
    ['--pwfile', passwordFile],
    ['--auth', 'scram-sha-256'],
    ['--encoding', 'UTF8'],
    ['--locale', 'C'],
    ['--locale-provider', 'builtin'],
    ['--builtin-locale', 'C.UTF-8'],
    ['--no-instructions'],
    durable ? [] : ['--no-sync'],
  ].flat();
  try {
    await run(home.binaries.initdb, args, { ...home.user, env: postgresEnv, cwd: home.folder });
  } catch (error) {
    throw new SetupError(
      `The database cannot be created: ${lastLine(error)}.`,
      `Check that ${home.folder} can be written and has 100 MB free, or set DATABASE_URL.`,
      { cause: error },
    );
  }
  await rename(unfinished, home.dataFolder);
  return password;
}

async function requireSameMajor({ dataFolder, binaries }: PostgresHome): Promise<void> {
  const major = (await readFile(join(dataFolder, 'PG_VERSION'), 'utf8')).trim();
  if (!binaries.version.startsWith(`${major}.`)) {
    throw new SetupError(
      `The data in ${dataFolder} belongs to Postgres ${major}, the installed one is ${binaries.version}.`,
      'Start with --fresh to begin anew, or bring the data over with pg_dump and DATABASE_URL.',
    );
  }
}

function lastLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  return (stderr?.trim() || message).split('\n').at(-1) ?? '';
}
