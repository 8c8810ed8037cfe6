import { PermanentError } from '@sluice/contracts';
import type { Context } from 'hono';
import type { GatewayDeps } from '../deps.ts';
import { findScope } from '../queries/requests.ts';
import { maySee } from './principal.ts';

/**
 * Hides requests of other scopes from a sender who is bound to some: they are answered like requests that there are not.
 * @throws PermanentError `request.not-found`.
 */
export async function requireOwnRequest(
  c: Context,
  { read, own }: Pick<GatewayDeps, 'read' | 'own'>,
  id: string,
): Promise<void> {
  const { principal } = c.var;
  if (principal.scopes === null) return;
  const scope = await findScope({ read, own }, id);
  if (scope === null || !maySee(principal, scope))
    throw new PermanentError('request.not-found', `No request has the id ${id}.`);
}
