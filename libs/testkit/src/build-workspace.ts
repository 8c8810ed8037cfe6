import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findRepositoryRoot } from './repository-root.ts';

/**
 * Compiles a workspace and its dependencies, for tests that start a compiled program: Node 20 cannot run TypeScript. Quick
 * when nothing changed.
 * @param folder below the root, for instance `libs/inspection`.
 */
export async function buildWorkspace(folder: string): Promise<void> {
  const root = findRepositoryRoot();
  await promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['-b', join(root, folder)]);
}
