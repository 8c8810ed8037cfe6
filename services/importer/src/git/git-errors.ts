import { PermanentError, isCoded, type ErrorCode } from '@sluice/contracts';
import { GitFailed } from './run-git.ts';

/**
 * Git tells apart why it failed in words only, which are stable in the locale C: `git.git`, builtin/fetch.c, remote-curl.c, http.c,
 * connect.c, and OpenSSH. Words that are not known are `git.failed`.
 */
const known: readonly [RegExp, ErrorCode, string][] = [
  [
    /couldn't find remote ref|not our ref|no such remote ref|unadvertised object/i,
    'git.ref-not-found',
    'has no such ref',
  ],
  [/Host key verification failed/i, 'git.host-key', 'shows a key that known_hosts does not have'],
  [
    /Authentication failed|could not read (?:Username|Password)|terminal prompts disabled|returned error: 40[13]|Permission denied/i,
    'git.auth',
    'does not let the importer read the repository',
  ],
  [
    /repository '.*' not found|returned error: 404|does not appear to be a git repository|Repository not found/i,
    'git.repository-not-found',
    'has no such repository, or does not show it',
  ],
  [
    /returned error: 30\d|unable to update url base from redirection/i,
    'git.redirected',
    'points to another address',
  ],
  [
    /Could not resolve|Failed to connect|Connection (?:refused|reset|timed out|closed)|Couldn't connect|SSL|returned error: (?:5\d\d|429)|early EOF|unexpected disconnect|Operation too slow|timed out|RPC failed|hung up|no route to host/i,
    'git.unreachable',
    'cannot be reached',
  ],
];

/** The error of a failed clone, in our words: those of git quote the other side, and are for the log. */
export function gitError(error: unknown, host: string): unknown {
  if (isCoded(error)) return error;
  if (!(error instanceof GitFailed)) return isResolverError(error) ? unreachable(host, error) : error;
  const found = known.find(([words]) => words.test(error.words));
  if (found === undefined)
    return new PermanentError('git.failed', `git could not read ${host}.`, { cause: error });
  const [, code, what] = found;
  return new PermanentError(code, `${host} ${what}.`, { cause: error });
}

function isResolverError(error: unknown): boolean {
  return (error as { syscall?: unknown } | null)?.syscall === 'getaddrinfo';
}

function unreachable(host: string, cause: unknown): PermanentError {
  return new PermanentError('git.unreachable', `${host} has no address.`, { cause });
}
