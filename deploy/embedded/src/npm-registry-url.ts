import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Env } from '@sluice/runtime';
import { SetupError } from '@sluice/servers';

const run = promisify(execFile);
const NPM_MS = 15_000;

/**
 * The registry that packages come from: NPM_REGISTRY_URL, else npm's own configuration. npm passes it to the
 * scripts that it runs; otherwise it is asked, because only npm knows how its files and variables combine.
 */
export async function npmRegistryUrl(env: Env): Promise<string> {
  const known = env['NPM_REGISTRY_URL'] || env['npm_config_registry'];
  if (known) return known;
  try {
    const { stdout } = await run('npm', ['config', 'get', 'registry'], { env: { ...env }, timeout: NPM_MS });
    return new URL(stdout.trim()).href;
  } catch (error) {
    throw new SetupError('npm does not say which registry it is configured with.', 'Set NPM_REGISTRY_URL.', {
      cause: error,
    });
  }
}
