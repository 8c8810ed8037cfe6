import { PermanentError, type DecideInput } from '@sluice/contracts';
import type { Policy } from '@sluice/policy';
import type { Tx } from '@sluice/postgres';

type Actor = Pick<DecideInput, 'by' | 'person' | 'otherNames' | 'isLocal'>;

/**
 * Refuses an act on what its actor asked for, where the policy wants other eyes. Any request counts, in any scope and whatever became of
 * it: to ask is to have an interest. People are compared, not names: a service counts as the person who owns it.
 * @param what a package version, or all versions of a package, as a purl without version.
 * @throws PermanentError `decision.self`.
 */
export async function refuseRequester(
  tx: Tx,
  what: { purl: string } | { package: string },
  { by, person, otherNames, isLocal }: Actor,
  { approval: { selfApproval } }: Policy,
): Promise<void> {
  if (selfApproval === 'allowed' || (selfApproval === 'local' && isLocal === true)) return;
  const names = [...new Set([by, person ?? by, ...(otherNames ?? [])])];
  // "A" follows "@", so that this is every version and nothing else.
  const isWhat =
    'purl' in what
      ? tx`i.purl = ${what.purl}`
      : tx`i.purl ~>=~ ${`${what.package}@`} and i.purl ~<~ ${`${what.package}A`}`;
  const [own] = await tx<{ id: string; requester: string; purl: string }[]>`
    select r.id, r.requester, i.purl from items i join requests r on r.id = i.request_id
    where ${isWhat} and r.requester = any(${names}::text[]) limit 1`;
  if (!own) return;
  const asWhom = own.requester === by ? '' : ` as ${own.requester}`;
  throw new PermanentError('decision.self', `${by} asked for ${own.purl}${asWhom}, in request ${own.id}.`);
}
