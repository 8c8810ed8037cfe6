import type { CreateProjectInput } from '@sluice/contracts';
import type { ImporterDeps } from '../deps.ts';
import { checkRef, checkRepositoryPath, parseGitAddress } from '../git/address.ts';
import { credentialFor } from '../git/credentials.ts';
import { findGitWay } from '../git/git-hosts.ts';
import { parseSchedule } from './schedule.ts';

/** Fields of a project that are checked before they are kept. */
export type ProjectWish = Pick<CreateProjectInput, 'scope' | 'source' | 'credential' | 'schedule' | 'plan'>;

/**
 * Checks a project before it is kept: its address and host, its credential, its paths, its schedule. Paths come back plain.
 * @throws PermanentError `git.*`, `input.invalid`.
 */
export async function checkWish(
  { source, scope, credential, schedule, plan }: ProjectWish,
  { git }: Pick<ImporterDeps, 'git'>,
): Promise<Pick<ProjectWish, 'source' | 'plan'>> {
  const address = parseGitAddress(source.git);
  const ref = checkRef(source.ref);
  const paths = source.paths.map(checkRepositoryPath);
  if (schedule !== null) parseSchedule(schedule);
  credentialFor(git.credentials, credential, { address, scope });
  // A host without an address now may have one later; one that is refused is refused at once.
  await findGitWay(address, git.rules).catch((error: unknown) => {
    if ((error as { syscall?: unknown }).syscall === undefined) throw error;
  });
  return { source: { git: address.url, ref, paths }, plan: plan.map(checkRepositoryPath) };
}
