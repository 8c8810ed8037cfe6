import type { Principal } from '@sluice/api';
import { PermanentError } from '@sluice/contracts';
import type { Context } from 'hono';

declare module 'hono' {
  interface ContextVariableMap {
    /** Who asks; set for every route but the public ones. */
    principal: Principal;
  }
}

/** Whether a principal sees what belongs to a scope. */
export function maySee({ scopes }: Principal, scope: string): boolean {
  return scopes === null || scopes.includes(scope);
}

/** @throws PermanentError `access.forbidden` for a scope that the principal is not bound to. */
export function requireOwnScope(principal: Principal, scope: string): void {
  if (maySee(principal, scope)) return;
  const own = principal.scopes!.join(', ');
  throw new PermanentError('access.forbidden', `${principal.name} has the scope ${own}, not ${scope}.`);
}

/** The input of a command with the name of who asks for it. */
export function actorOf<Body extends { by?: string | undefined }>(
  c: Context,
  body: Body,
): Body & { by: string } {
  return { ...body, by: actingAs(c, body.by) };
}

/**
 * The name under which an act is recorded. The holder of the local key, who has the machine, may act for another one.
 * @param named the name that the input gives.
 * @throws PermanentError `access.not-yourself`.
 */
export function actingAs(c: Context, named: string | undefined): string {
  const { kind, name } = c.var.principal;
  if (named === undefined || named === name) return name;
  if (kind === 'local') return named;
  throw new PermanentError('access.not-yourself', `The key is of ${name}, and the input names ${named}.`);
}
