import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eventId } from './ids.ts';
import { defaultScope, inScope, scopeField, scopeSchema } from './scope.ts';

it.each([
  ['default', true],
  ['team-a', true],
  ['0', true],
  ['a'.repeat(63), true],
  ['a'.repeat(64), false],
  ['', false],
  ['-a', false],
  ['Team', false],
  ['team_a', false],
  ['team a', false],
  ['team\n', false],
])('the scope %j is valid: %s', (scope, isValid) => {
  expect(scopeSchema.safeParse(scope).success).toBe(isValid);
});

it('an absent scope is default', () => {
  expect(scopeField.parse(undefined)).toBe(defaultScope);
});

it('event ids of the scope default are those of before there were scopes', () => {
  expect(eventId('pkg:npm/a@1.0.0', 'pkg.approved', inScope(3, 'default'))).toBe(
    eventId('pkg:npm/a@1.0.0', 'pkg.approved', 3),
  );
});

it('two scopes never share a discriminator', () => {
  const scope = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/);
  const discriminator = fc.oneof(
    fc.nat(),
    fc.tuple(fc.nat(), fc.date({ noInvalidDate: true })).map(([n, at]) => `${n}/${at.toISOString()}`),
  );
  fc.assert(
    fc.property(discriminator, discriminator, scope, scope, (one, other, a, b) => {
      fc.pre(a !== b);
      expect(inScope(one, a)).not.toBe(inScope(other, b));
    }),
  );
});
