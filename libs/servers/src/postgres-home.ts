import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chown, mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { copyPostgresBinaries, postgresBinaries, type PostgresBinaries } from './postgres-binaries.ts';
import { SetupError, type OnStep } from './setup-error.ts';

const run = promisify(execFile);

/** Where one Postgres keeps its data, and as whom it runs. */
export interface PostgresHome {
  folder: string;
  dataFolder: string;
  binaries: PostgresBinaries;
  /** Set when we are root: Postgres refuses to run as root. */
  user?: { uid: number; gid: number };
}

// Only root comes here, and root may write here; it is where Linux keeps the state of services.
const SHARED_FOLDER = '/var/lib/sluice';

/**
 * Decides where the data goes. For an ordinary user: into the folder asked for. For root: Postgres runs as the user
 * `postgres`, who may not be able to enter that folder or the one with the programs (root's home is closed to
 * others); a folder that it cannot enter is replaced by one under /var/lib/sluice.
 */
export async function preparePostgresHome(folder: string, onStep: OnStep): Promise<PostgresHome> {
  const binaries = await postgresBinaries();
  if (process.getuid?.() !== 0) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return { folder, dataFolder: join(folder, 'data'), binaries };
  }
  const user = await postgresUser(onStep);
  const home = await postgresFolder(folder);
  if (home !== folder) {
    onStep(`Postgres runs as the user postgres, who cannot enter ${folder}: its data is in ${home}.`);
  }
  await mkdir(home, { recursive: true });
  await chown(home, user.uid, user.gid);
  const reachable = await isOpenToOthers(binaries.folder);
  if (!reachable) await mkdir(SHARED_FOLDER, { recursive: true });
  return {
    folder: home,
    dataFolder: join(home, 'data'),
    binaries: reachable ? binaries : await copyPostgresBinaries(binaries, SHARED_FOLDER),
    user,
  };
}

/** The folder that really holds the data of a Postgres started with this folder, for starting afresh. */
export async function postgresFolder(folder: string): Promise<string> {
  const path = resolve(folder);
  if (process.getuid?.() !== 0 || (await isOpenToOthers(dirname(path)))) return path;
  return join(SHARED_FOLDER, createHash('sha256').update(path).digest('hex').slice(0, 16));
}

/** True when users other than the owner can enter this folder and all above it; a missing folder will be made by us. */
async function isOpenToOthers(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => null);
  if (stats !== null && (stats.mode & 0o001) === 0) return false;
  const parent = dirname(path);
  return parent === path || (await isOpenToOthers(parent));
}

async function postgresUser(onStep: OnStep): Promise<{ uid: number; gid: number }> {
  const existing = await findUser('postgres');
  if (existing !== null) return existing;
  onStep('Postgres does not run as root: creating the system user postgres.');
  try {
    await run('useradd', [
      '--system',
      '--user-group',
      '--no-create-home',
      '--shell',
      '/usr/sbin/nologin',
      'postgres',
    ]);
  } catch (error) {
    throw new SetupError(
      'Postgres does not run as root, and no user postgres could be created for it.',
      'Start as an ordinary user, create a user named postgres, or set DATABASE_URL.',
      { cause: error },
    );
  }
  const created = await findUser('postgres');
  if (created === null)
    throw new SetupError(
      'The user postgres was created but is not in /etc/passwd.',
      'Start as an ordinary user, or set DATABASE_URL.',
    );
  return created;
}

async function findUser(name: string): Promise<{ uid: number; gid: number } | null> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const fields = passwd
    .split('\n')
    .map((line) => line.split(':'))
    .find(([user]) => user === name);
  return fields === undefined ? null : { uid: Number(fields[2]), gid: Number(fields[3]) };
}
