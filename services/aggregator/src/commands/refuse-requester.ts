import { PermanentError, type DecideInput } from '@sluice/contracts';
import type { Policy } from '@sluice/policy';
import type { Tx } from '@sluice/postgres';

type Actor = Pick<DecideInput, 'by' | 'person' | 'otherNames' | 'isLocal'>;

/**
 * Refuses an act on what its actor asked for, where the policy wants other eyes. Any request counts, in any scope and whatever became of
 * it: to ask is to have an interest. People are compared, not names: a service counts as the person who owns it.
 * @param name the package, as a purl without version.
 * @throws PermanentError `decision.self`.
 */
export async function refuseRequesterOf(
  tx: Tx,
  name: string,
  actor: Actor,
  { approval }: Policy,
): Promise<void> {
  if (mayActOnOwn(actor, approval)) return;
  // "A" follows "@", so that this is every version and nothing else.
  const [own] = await tx<Own[]>`
    select r.id, r.requester, i.purl from items i join requests r on r.id = i.request_id
    where i.purl ~>=~ ${`${name}@`} and i.purl ~<~ ${`${name}A`} and r.requester = any(${namesOf(actor)}::text[]) limit 1`;
  if (own) throw refusal(own, actor);
}

interface Own {
  id: string;
  requester: string;
  purl: string;
}

/** Whether the policy lets the actor approve what they asked for. Pure. */
export function mayActOnOwn({ isLocal }: Actor, { selfApproval }: Policy['approval']): boolean {
  return selfApproval === 'allowed' || (selfApproval === 'local' && isLocal === true);
}

/** Every name under which the person asks for package versions. */
function namesOf({ by, person, otherNames }: Actor): string[] {
  return [...new Set([by, person ?? by, ...(otherNames ?? [])])];
}

function refusal({ id, requester, purl }: Own, { by }: Actor): PermanentError {
  const asWhom = requester === by ? '' : ` as ${requester}`;
  return new PermanentError('decision.self', `${by} asked for ${purl}${asWhom}, in request ${id}.`);
}
