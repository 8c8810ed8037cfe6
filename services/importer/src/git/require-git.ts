import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { PermanentError } from '@sluice/contracts';
import { programPath } from './git-environment.ts';

/** From this version on git connects to the addresses that it is told (`http.curloptResolve`); an older one would look names up itself. */
const versionMin = [2, 37] as const;

const run = promisify(execFile);

/**
 * Whether a git is recent enough. Pure.
 * @param text as `git version` prints it: `git version 2.39.5 (Apple Git-154)`.
 */
export function isRecentGit(text: string): boolean {
  const found = /^git version (\d+)\.(\d+)/.exec(text);
  if (!found) return false;
  const [major, minor] = [Number(found[1]), Number(found[2])];
  return major > versionMin[0] || (major === versionMin[0] && minor >= versionMin[1]);
}

/**
 * The version of this machine's git.
 * @throws PermanentError `git.unavailable` when there is none, or an older one than is needed.
 */
export async function requireGit(searched = programPath): Promise<string> {
  const { stdout } = await run('git', ['version'], { env: { PATH: searched } }).catch((cause: unknown) => {
    throw new PermanentError('git.unavailable', 'There is no git.', { cause });
  });
  const version = stdout.trim();
  if (!isRecentGit(version))
    throw new PermanentError('git.unavailable', `${version} is older than ${versionMin.join('.')}.`);
  return version;
}
