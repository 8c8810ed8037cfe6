import { afterAll } from 'vitest';
import { startFakeNpmRegistry, type FakeNpmRegistry } from './start-fake-npm-registry.ts';

/** A registry that stops by itself when the test file ends; call it at the top level of the file. */
export async function fakeNpmRegistry(): Promise<FakeNpmRegistry> {
  const registry = await startFakeNpmRegistry();
  afterAll(registry.stop);
  return registry;
}
