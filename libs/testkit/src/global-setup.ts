import { findRepositoryRoot } from './repository-root.ts';
import { findLeftoverProcesses, testRunVariable } from './leftover-processes.ts';
import { startTestServers } from './test-servers.ts';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the main process's `TestServers`. */
    testServersUrl: string;
  }
}

/**
 * Runs once around all tests. No server is started here: the first test file that wants one asks for it, so that unit
 * tests alone cost nothing. A process that still runs at the end fails the run.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const servers = await startTestServers({ root: findRepositoryRoot(), env: process.env });
  // Every process that a test starts inherits it, which is how leftovers are told from other people's processes.
  process.env[testRunVariable] = servers.runFolder;
  project.provide('testServersUrl', servers.url);
  return async () => {
    const problems = [...(await servers.stop()), ...(await findLeftoverProcesses(servers.runFolder))];
    if (problems.length === 0) return;
    // An error thrown from a teardown is only printed; the run has to be failed by hand.
    process.exitCode = 1;
    throw new Error(`The tests left something behind:\n  ${problems.join('\n  ')}`);
  };
}
