import type { Principal } from '@sluice/api';
import { PermanentError } from '@sluice/contracts';
import type { GatewayDeps } from '../deps.ts';
import { findScope } from '../queries/requests.ts';
import { maySee } from './principal.ts';

/**
 * Hides requests of other scopes from a principal that is bound to some: they are answered like requests that there are
 * not.
 * @throws PermanentError `request.not-found`.
 */
export async function requireOwnRequest(
  principal: Principal,
  deps: Pick<GatewayDeps, 'read' | 'own'>,
  id: string,
): Promise<void> {
  if (principal.scopes === null) return;
  const scope = await findScope(deps, id);
  if (scope === null || !maySee(principal, scope))
    throw new PermanentError('request.not-found', `No request has the id ${id}.`);
}
