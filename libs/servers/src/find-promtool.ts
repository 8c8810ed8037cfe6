import { access, constants, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { aptOptions, aptRunner, lastLine } from './apt.ts';
import type { OnStep } from './setup-error.ts';

/**
 * Finds promtool, which tests Prometheus' alert rules, or gets it: SLUICE_PROMTOOL, PATH, the download of an earlier run, the
 * package of a Debian-like system, unpacked and not installed: it would start a server.
 * @param options.toolsFolder keeps the download.
 * @returns null when it cannot be had, which is said in one line: only tests want it.
 */
export async function findPromtool({
  env,
  toolsFolder,
  onStep = () => undefined,
}: {
  env: NodeJS.ProcessEnv;
  toolsFolder: string;
  onStep?: OnStep;
}): Promise<string | null> {
  const kept = join(toolsFolder, 'promtool');
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const present = [env['SLUICE_PROMTOOL'], ...folders.map((folder) => join(folder, 'promtool')), kept];
  for (const path of present) if (path && (await isExecutable(path))) return path;
  try {
    await unpack(env, toolsFolder, kept, onStep);
    return kept;
  } catch (error) {
    onStep(`There is no promtool, and none could be had: ${lastLine(error)}. SLUICE_PROMTOOL may name one.`);
    return null;
  }
}

const isExecutable = (path: string) =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

async function unpack(
  env: NodeJS.ProcessEnv,
  toolsFolder: string,
  to: string,
  onStep: OnStep,
): Promise<void> {
  const apt = aptRunner(env);
  if (!(await apt.exists())) throw new Error('this system has no apt-get');
  onStep('Downloading the package prometheus for its promtool …');
  await mkdir(toolsFolder, { recursive: true });
  const folder = await mkdtemp(join(toolsFolder, 'prometheus-package-'));
  try {
    await apt.run('apt-get', ['download', ...aptOptions, 'prometheus'], folder);
    const archive = (await readdir(folder)).find((name) => name.endsWith('.deb'));
    if (archive === undefined) throw new Error('apt-get downloaded nothing');
    await apt.run('dpkg', ['-x', archive, '.'], folder);
    await rename(join(folder, 'usr', 'bin', 'promtool'), to);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
