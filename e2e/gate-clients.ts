import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { facades } from '@sluice/ecosystems/facade';

const run = promisify(execFile);
/** Package managers that are installed for tests of lockfiles. */
const installed = path.join(import.meta.dirname, '../node_modules/.bin');

export interface Ran {
  code: number;
  out: string;
  err: string;
}

/** Runs a program to its end, however that is. */
export async function ran(
  program: string,
  args: readonly string[],
  options: { cwd?: string; env: Record<string, string> },
): Promise<Ran> {
  try {
    const { stdout, stderr } = await run(program, args, options);
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

interface ClientProgram {
  /** Whose configuration it reads. */
  configuredAs: string;
  command: (cwd: string, args: readonly string[]) => [program: string, ...args: string[]];
  env?: (cwd: string) => Record<string, string>;
}

/** Each with a cache of its own in the project, so that it has nothing but what the gate sends. */
export const programs = {
  npm: {
    configuredAs: 'npm',
    command: (cwd, args) => {
      const quiet = args[0] === 'audit' ? ['--no-fund'] : ['--no-fund', '--no-audit'];
      return ['npm', ...args, ...quiet, '--cache', path.join(cwd, 'cache')];
    },
  },
  pnpm: {
    configuredAs: 'npm',
    command: (cwd, args) => [path.join(installed, 'pnpm'), ...args, `--store-dir=${path.join(cwd, 'store')}`],
    env: (cwd) => ({ XDG_CACHE_HOME: path.join(cwd, 'cache'), CI: 'true' }),
  },
  yarn: {
    configuredAs: 'yarn',
    command: (_cwd, args) => [path.join(installed, 'yarn'), ...args],
    env: (cwd) => ({
      YARN_ENABLE_TELEMETRY: '0',
      YARN_ENABLE_GLOBAL_CACHE: 'false',
      YARN_GLOBAL_FOLDER: path.join(cwd, 'global'),
      YARN_NODE_LINKER: 'node-modules',
      YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
    }),
  },
  pip: {
    configuredAs: 'pip',
    command: (cwd, args) => ['python3', '-m', 'pip', ...args, '--cache-dir', path.join(cwd, 'cache')],
    env: (cwd) => ({ PIP_CONFIG_FILE: path.join(cwd, 'pip.conf'), PIP_DISABLE_PIP_VERSION_CHECK: '1' }),
  },
} satisfies Record<string, ClientProgram>;
export type ClientName = keyof typeof programs;

/**
 * A package manager in a project, configured as the gate's facade says.
 * @param at the gate, and the key for it.
 */
export async function gateClient(
  client: ClientName,
  cwd: string,
  at: { url: string; key: string | null },
): Promise<(args: readonly string[], files?: Record<string, string>) => Promise<Ran>> {
  const { configuredAs, command, env }: ClientProgram = programs[client];
  const { file, text } = facades.flatMap(({ clients }) => clients[configuredAs] ?? [])[0]!;
  await mkdir(cwd, { recursive: true });
  await writeFile(path.join(cwd, file), text(at));
  return async (args, files = {}) => {
    for (const [name, content] of Object.entries(files)) await writeFile(path.join(cwd, name), content);
    const [program, ...all] = command(cwd, args);
    return ran(program, all, {
      cwd,
      env: { PATH: process.env['PATH'] ?? '', HOME: cwd, ...env?.(cwd) },
    });
  };
}

/** A package.json with these dependencies, and nothing that a client finds above it. */
export const projectOf = (dependencies: Record<string, string>): Record<string, string> => ({
  'package.json': JSON.stringify({ name: 'project', version: '1.0.0', private: true, dependencies }),
});
