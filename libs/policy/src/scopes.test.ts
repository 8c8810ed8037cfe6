import { expect, it } from 'vitest';
import { parseScopes } from './scopes.ts';

it('reads scopes with and without a policy of their own, as YAML and as JSON', () => {
  const scopes = new Map([
    ['team-a', { policy: 'team-a.yaml' }],
    ['team-b', { policy: null }],
  ]);
  expect(parseScopes('scopes:\n  team-a: { policy: team-a.yaml }\n  team-b: {}\n')).toEqual(scopes);
  expect(parseScopes('{"scopes":{"team-a":{"policy":"team-a.yaml"},"team-b":{}}}')).toEqual(scopes);
});

const many = Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`team-${n}`, {}]));

it.each([
  ['not YAML', 'scopes: ['],
  ['no scopes', '{}'],
  ['an unknown key', 'scopes: { team-a: { polycy: a.yaml } }'],
  ['default', 'scopes: { default: { policy: a.yaml } }'],
  ['a name that is none', 'scopes: { Team A: {} }'],
  ['a scope twice', 'scopes: { team-a: {}, team-a: {} }'],
  ['more scopes than are judged at once', JSON.stringify({ scopes: many })],
])('refuses a document with %s', (_name, text) => {
  expect(() => parseScopes(text)).toThrow(expect.objectContaining({ code: 'config.invalid' }));
});
