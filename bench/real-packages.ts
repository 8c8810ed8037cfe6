import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { ArtifactStore } from '@sluice/artifacts';
import { createEgress } from '@sluice/egress';
import { fakeRegistries } from '@sluice/ecosystems/npm/fakes';
import { withScratch } from './scratch.ts';

const run = promisify(execFile);

/** A usual set of tools: a bundler, a linter, a test runner, a server. Some 400 package versions in all. */
const dependencies = { webpack: '5.99.9', eslint: '9.28.0', jest: '29.7.0', express: '5.1.0' };
/** Some 150 package versions. */
const fewDependencies = { eslint: '9.28.0', express: '5.1.0' };

export interface RealProject {
  packageJson: string;
  lockfile: string;
  /** Package versions in the lockfile. */
  packages: { name: string; version: string }[];
}

const made = new Map<boolean, Promise<RealProject | null>>();

/**
 * A project with a lockfile from the registry that npm is configured with; made once in a run.
 * @param few for a look.
 * @returns null when the registry cannot be reached.
 */
export function realProject(few: boolean, say: (line: string) => void): Promise<RealProject | null> {
  const known = made.get(few);
  if (known) return known;
  const project = makeProject(few).catch((error: unknown) => {
    const [line] = String((error as { stderr?: string }).stderr ?? error).split('\n');
    say(`  npm cannot make a lockfile (${line}): what needs real packages is left out`);
    return null;
  });
  made.set(few, project);
  return project;
}

function makeProject(few: boolean): Promise<RealProject> {
  return withScratch(async ({ folder }) => {
    const project = {
      name: 'bench',
      version: '1.0.0',
      private: true,
      dependencies: few ? fewDependencies : dependencies,
    };
    const packageJson = JSON.stringify(project, null, 2);
    await writeFile(path.join(folder, 'package.json'), packageJson);
    const args = ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'];
    await run('npm', args, { cwd: folder });
    const lockfile = await readFile(path.join(folder, 'package-lock.json'), 'utf8');
    return { packageJson, lockfile, packages: packagesOf(lockfile) };
  });
}

function packagesOf(lockfile: string): RealProject['packages'] {
  const { packages } = JSON.parse(lockfile) as {
    packages: Record<string, { name?: string; version?: string }>;
  };
  const found = new Map<string, RealProject['packages'][number]>();
  for (const [place, { name = place.replace(/^.*node_modules\//, ''), version }] of Object.entries(packages))
    if (place !== '' && version !== undefined) found.set(`${name}@${version}`, { name, version });
  return [...found.values()];
}

/** Fetches every archive of a project into an artifact store. @returns their digests, without those that are not there. */
export async function fetchArchives(
  { packages }: RealProject,
  registryUrl: string,
  artifacts: ArtifactStore,
): Promise<string[]> {
  const egress = createEgress({ allowHosts: [], trustedOrigins: [new URL(registryUrl).origin] });
  const registry = fakeRegistries({ url: registryUrl }, egress).get('npm')!;
  const base = registryUrl.replace(/\/*$/, '/');
  try {
    const digests = await Promise.all(
      packages.map(async ({ name, version }) => {
        const url = `${base}${name}/-/${name.split('/').at(-1)}-${version}.tgz`;
        const archive = await registry.tarball(url, AbortSignal.timeout(300_000));
        return archive === null ? [] : [(await artifacts.put(archive.body)).digest];
      }),
    );
    return digests.flat();
  } finally {
    await egress.close();
  }
}

/** An empty project folder with nothing but the two files. */
export async function writeProject(folder: string, { packageJson, lockfile }: RealProject): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), packageJson);
  await writeFile(path.join(folder, 'package-lock.json'), lockfile);
}
