import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { downloadNatsServer } from './download-nats-server.ts';
import { installNatsPackage, unpackedNatsServer } from './install-nats-package.ts';
import { natsReleaseFor, natsReleasesUrl, type NatsRelease } from './nats-releases.ts';
import { isAtLeast, natsServerVersion } from './nats-version.ts';
import { SetupError, type OnStep } from './setup-error.ts';

export interface FindNatsServerOptions {
  /** Reads SLUICE_NATS_SERVER, SLUICE_NATS_DOWNLOAD_URL (a mirror of the release page, or `off`) and PATH. */
  env: NodeJS.ProcessEnv;
  /** Downloads are kept under `tools/` in here. */
  stateFolder: string;
  onStep?: OnStep;
  /** The archive to download; pinned for each platform when left out. */
  release?: NatsRelease | undefined;
  /** Where to look beside PATH: Debian puts nats-server into /usr/sbin, which is not in every user's PATH. */
  folders?: string[];
}

export interface NatsServerBinary {
  path: string;
  version: string;
}

/** Older servers lack features that the consumers need. */
const VERSION_MIN = '2.9.0';

/**
 * Finds a nats-server, or gets one: SLUICE_NATS_SERVER, PATH, the download of an earlier run, the pinned release, the
 * package of the operating system. A failure is reported in one line and the next is tried.
 * @throws SetupError when SLUICE_NATS_SERVER is set and not usable, or when nothing worked.
 */
export async function findNatsServer(options: FindNatsServerOptions): Promise<NatsServerBinary> {
  const { env, stateFolder, onStep = () => undefined, folders = systemFolders } = options;
  const configured = env['SLUICE_NATS_SERVER'];
  if (configured) return await usable(configured);

  const release = options.release ?? natsReleaseFor(process.platform, process.arch);
  const toolsFolder = join(stateFolder, 'tools');
  const present = [
    ...searchPath(env, folders),
    ...(release === undefined ? [] : [join(toolsFolder, `nats-server-${release.version}`)]),
    unpackedNatsServer(toolsFolder),
  ];
  for (const path of present) {
    if (!(await isExecutable(path))) continue;
    const found = await attempt(onStep, () => usable(path));
    if (found) return found;
  }

  const obtained =
    (await attempt(onStep, () => download(env, release, toolsFolder, onStep))) ??
    (await attempt(onStep, () => installNatsPackage(env, toolsFolder, onStep)));
  if (obtained === null) {
    throw new SetupError(
      'There is no nats-server, and none could be had.',
      'Install nats-server 2.9 or newer and name it in SLUICE_NATS_SERVER, or name a running one in NATS_URL.',
    );
  }
  return typeof obtained === 'string' ? await usable(obtained) : obtained;
}

const systemFolders = ['/usr/local/bin', '/usr/local/sbin', '/usr/sbin', '/opt/homebrew/bin'];

function searchPath(env: NodeJS.ProcessEnv, beside: string[]): string[] {
  const folders = [...(env['PATH'] ?? '').split(delimiter), ...beside];
  return [...new Set(folders)].filter(Boolean).map((folder) => join(folder, 'nats-server'));
}

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function usable(path: string): Promise<NatsServerBinary> {
  const version = await natsServerVersion(path);
  if (!isAtLeast(version, VERSION_MIN)) {
    throw new SetupError(`${path} is nats-server ${version}, too old.`, `Install ${VERSION_MIN} or newer.`);
  }
  return { path, version };
}

async function download(
  env: NodeJS.ProcessEnv,
  release: NatsRelease | undefined,
  toolsFolder: string,
  onStep: OnStep,
): Promise<string> {
  const baseUrl = env['SLUICE_NATS_DOWNLOAD_URL'] || natsReleasesUrl;
  if (baseUrl === 'off')
    throw new SetupError(
      'Downloads of nats-server are switched off.',
      'Unset SLUICE_NATS_DOWNLOAD_URL to allow them.',
    );
  if (release === undefined)
    throw new SetupError(
      `No nats-server release is pinned for ${process.platform}-${process.arch}.`,
      'Install nats-server yourself.',
    );
  return await downloadNatsServer(baseUrl, release, toolsFolder, onStep);
}

/** Runs one step; a failure that the next step may make good is said and gives null. */
async function attempt<T>(onStep: OnStep, step: () => Promise<T>): Promise<T | null> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    onStep(`${error.message} ${error.remedy}`);
    return null;
  }
}
