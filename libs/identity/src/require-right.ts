import { hasRight, rolesWith, sharedRights, type Principal, type Right } from '@sluice/api';
import { PermanentError } from '@sluice/contracts';

/** @throws PermanentError `access.forbidden` that names the right and who has it. */
export function requireRight({ name, roles, scopes }: Principal, right: Right): void {
  if (!hasRight(roles, right)) {
    const who = `${name} has the role ${roles.join(', ')}`;
    throw new PermanentError(
      'access.forbidden',
      `It needs the right ${right}, of the role ${rolesWith(right).join(' or ')}; ${who}.`,
    );
  }
  if (scopes !== null && sharedRights.includes(right))
    throw new PermanentError('access.forbidden', `It concerns all scopes; ${name} has ${scopes.join(', ')}.`);
}
