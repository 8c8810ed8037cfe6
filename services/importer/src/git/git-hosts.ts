import { PermanentError } from '@sluice/contracts';
import { findWay, type Way, type WayOptions } from '@sluice/egress';
import type { GitAddress } from './address.ts';

/** The git hosts that the operator allows, and the way to them. */
export type GitRules = Pick<WayOptions, 'proxy' | 'resolve'> & {
  /** `git.example`, `*.example` and `*` for https to public addresses; `http://…`, `https://…` and `ssh://…` for that host as well on a private one. */
  hosts: readonly string[];
};

/** Whether an entry of the list can be read. */
export function isGitHostEntry(entry: string): boolean {
  if (entry === '*') return true;
  if (!entry.includes('://')) return /^(?:\*\.)?[a-z0-9][a-z0-9.-]*(?::\d+)?$/i.test(entry);
  return /^(?:https?|ssh):\/\/[^/@]+$/i.test(entry) && URL.canParse(entry);
}

/**
 * Finds the way to a repository under the operator's list of hosts.
 * @throws PermanentError `git.host-not-allowed`; Error with the resolver's code for a host without an address.
 */
export async function findGitWay({ protocol, host, url }: GitAddress, rules: GitRules): Promise<Way> {
  const own = `${protocol}://${host}`.toLowerCase();
  const isTrusted = rules.hosts.some((entry) => entry.includes('://') && originOf(entry) === own);
  if (protocol !== 'https' && !isTrusted) throw notAllowed(own);
  const named = rules.hosts.filter((entry) => !entry.includes('://'));
  // Egress knows no ssh: its host and port are checked as those of https.
  const text = protocol === 'ssh' ? `https://${host}/` : url;
  const allowHosts = named.includes('*') ? [...named, host] : named;
  try {
    return await findWay(text, {
      allowHosts,
      trustedOrigins: isTrusted ? [new URL(text).origin] : [],
      // A proxy of http carries no ssh.
      proxy: protocol === 'ssh' ? undefined : rules.proxy,
      ...(rules.resolve ? { resolve: rules.resolve } : {}),
    });
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    throw new PermanentError('git.host-not-allowed', `${own} is not fetched from: ${error.message}`, {
      cause: error,
    });
  }
}

function originOf(entry: string): string {
  const { protocol, host } = new URL(entry);
  return `${protocol}//${host}`.toLowerCase();
}

function notAllowed(origin: string): PermanentError {
  return new PermanentError('git.host-not-allowed', `GIT_HOSTS does not have ${origin}.`);
}
