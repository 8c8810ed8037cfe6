import { hasRight, rolesWith, sharedRights, type Grant, type Principal, type Right } from '@sluice/api';
import { PermanentError } from '@sluice/contracts';

/**
 * Requires a right of a principal.
 * @returns the principal with the scopes in which it has the right, which may be fewer than all of its scopes.
 * @throws PermanentError `access.forbidden` that names the right and who has it.
 */
export function requireRight(principal: Principal, right: Right): Principal {
  const { name, roles, grants } = principal;
  const having = grants.filter((grant) => hasRight(grant.roles, right));
  if (having.length === 0) {
    const who = `${name} has the role ${roles.join(', ')}`;
    throw new PermanentError(
      'access.forbidden',
      `It needs the right ${right}, of the role ${rolesWith(right).join(' or ')}; ${who}.`,
    );
  }
  const scopes = scopesOf(having);
  if (scopes !== null && sharedRights.includes(right))
    throw new PermanentError('access.forbidden', `It concerns all scopes; ${name} has ${scopes.join(', ')}.`);
  return { ...principal, scopes };
}

/** Scopes of all grants together; null for all scopes. */
export function scopesOf(grants: readonly Grant[]): string[] | null {
  if (grants.some(({ scopes }) => scopes === null)) return null;
  return [...new Set(grants.flatMap(({ scopes }) => scopes ?? []))].toSorted();
}

/** Roles and scopes that come of grants. */
export function heldBy(grants: readonly Grant[]): Pick<Principal, 'roles' | 'scopes' | 'grants'> {
  return {
    roles: [...new Set(grants.flatMap(({ roles }) => roles))],
    scopes: scopesOf(grants),
    grants: [...grants],
  };
}
