import { access, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { aptOptions, aptRunner, lastLine, type Apt } from './apt.ts';
import { SetupError, type OnStep } from './setup-error.ts';

/** Where the unpacked package keeps the program, for those who may not install it. */
export function unpackedNatsServer(toolsFolder: string): string {
  return join(toolsFolder, 'nats-server-package', 'usr', 'sbin', 'nats-server');
}

/**
 * Gets nats-server as the package of a Debian-like system: installed as root, else downloaded and unpacked.
 * @returns the path of the program.
 * @throws SetupError when there is no apt, no network, or no such package.
 */
export async function installNatsPackage(
  env: NodeJS.ProcessEnv,
  toolsFolder: string,
  onStep: OnStep,
  { isRoot = process.getuid?.() === 0 }: { isRoot?: boolean } = {},
): Promise<string> {
  const apt = aptRunner(env);
  if (!(await apt.exists())) {
    throw new SetupError(
      'This system has no apt-get.',
      'Install nats-server (2.9 or newer) with your package manager, or name it in SLUICE_NATS_SERVER.',
    );
  }
  try {
    return isRoot ? await installAsRoot(apt, onStep) : await unpackAsUser(apt, toolsFolder, onStep);
  } catch (error) {
    throw new SetupError(
      `The package nats-server cannot be had: ${lastLine(error)}.`,
      'Install nats-server (2.9 or newer) yourself, or name it in SLUICE_NATS_SERVER.',
      { cause: error },
    );
  }
}

async function installAsRoot(apt: Apt, onStep: OnStep): Promise<string> {
  onStep('Installing the package nats-server …');
  // The service that comes with some packages must not start: Sluice starts its own, on its own store.
  const install = () =>
    apt.run('apt-get', ['install', '-y', '--no-install-recommends', ...aptOptions, 'nats-server']);
  try {
    await install();
  } catch {
    onStep('Updating the package lists …');
    await apt.run('apt-get', ['update', ...aptOptions]);
    await install();
  }
  const program = '/usr/sbin/nats-server';
  await access(program);
  return program;
}

async function unpackAsUser(apt: Apt, toolsFolder: string, onStep: OnStep): Promise<string> {
  onStep('Downloading the package nats-server …');
  const folder = join(toolsFolder, 'nats-server-package');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await apt.run('apt-get', ['download', ...aptOptions, 'nats-server'], folder);
  const archive = (await readdir(folder)).find((name) => name.endsWith('.deb'));
  if (archive === undefined) throw new Error('apt-get downloaded nothing');
  await apt.run('dpkg', ['-x', archive, '.'], folder);
  await rm(join(folder, archive));
  const program = unpackedNatsServer(toolsFolder);
  await access(program);
  return program;
}
