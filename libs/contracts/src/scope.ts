import { z } from 'zod';
import { PermanentError } from './errors.ts';

/** The scope that always exists: its policy is the organisation's own. */
export const defaultScope = 'default';

/** Whose policy and decisions: `default`, or a team's. */
export const scopeSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 small letters, digits and hyphens, no hyphen first');

/** The scope in events and commands. Those that are older than scopes have none, and belong to `default`. */
export const scopeField = scopeSchema.default(defaultScope);

/** Part of an event's id that tells scopes apart. Ids of `default` are those that events had before there were scopes. */
export function inScope(discriminator: string | number, scope: string): string {
  return scope === defaultScope ? String(discriminator) : `${discriminator}@${scope}`;
}

/** @throws PermanentError `scope.unknown` for a scope that is none of the known ones. */
export function requireScope(
  scope: string,
  known: { has(scope: string): boolean; keys(): Iterable<string> },
): void {
  if (!known.has(scope)) throw unknownScope(scope, known.keys());
}

export function unknownScope(scope: string, known: Iterable<string>): PermanentError {
  return new PermanentError(
    'scope.unknown',
    `The scope ${scope} is not known. Known are ${[...known].join(', ')}.`,
  );
}
