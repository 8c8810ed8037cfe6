import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { build } from 'vite';
import { findRepositoryRoot } from './repository-root.ts';

/**
 * Builds a program from the workspaces' sources, so that a test can run it as a process of its own. Packages from
 * outside stay outside: the program lies where Node finds them. It is removed when the test file ends; call this at
 * the top level of the file.
 * @param entry the program's source.
 * @returns path of a module to give to `node`.
 */
export async function buildProgram(entry: URL): Promise<string> {
  const cache = join(findRepositoryRoot(), 'node_modules', '.cache');
  await mkdir(cache, { recursive: true });
  const outDir = await mkdtemp(join(cache, 'program-'));
  afterAll(() => rm(outDir, { recursive: true, force: true }));
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: [/^@sluice\//], resolve: { conditions: ['source', 'node'] } },
    build: {
      ssr: fileURLToPath(entry),
      outDir,
      emptyOutDir: false,
      target: 'node20',
      rollupOptions: { output: { entryFileNames: 'program.mjs' } },
    },
  });
  return join(outDir, 'program.mjs');
}
