import { expect, it } from 'vitest';
import { grantsOf } from './group-rules.ts';
import { readGroups } from './read-groups.ts';

const read = (claims: object, claim = 'groups') => {
  try {
    return readGroups(claims as Record<string, unknown>, claim);
  } catch (error) {
    return (error as { code: string }).code;
  }
};
const deep = { resource_access: { 'a/b': { roles: ['x'] } } };

it.each<[string, object, string | undefined, unknown]>([
  ['a list', { groups: ['a', 'b'] }, undefined, ['a', 'b']],
  ['one text', { groups: 'a' }, undefined, ['a']],
  ['none', {}, undefined, null],
  ['an empty list', { groups: [] }, undefined, []],
  ['a claim with dots', { 'https://a.example/groups': ['a'] }, 'https://a.example/groups', ['a']],
  ['a path', deep, '/resource_access/a~1b/roles', ['x']],
  ['a path to nothing', deep, '/resource_access/c/roles', null],
  ['a path into a prototype', deep, '/constructor/name', null],
  ['groups that are elsewhere', { _claim_names: { groups: 'src1' } }, undefined, 'access.groups-overage'],
  ['the mark of too many', { hasgroups: true }, undefined, 'access.groups-overage'],
  [
    'more than are read',
    { groups: Array.from({ length: 1_001 }, () => 'a') },
    undefined,
    'access.groups-overage',
  ],
  ['objects', { groups: [{ name: 'a' }] }, undefined, 'access.groups-overage'],
  ['a number', { groups: 7 }, undefined, 'access.groups-overage'],
])('%s', (_, claims, claim, groups) => expect(read(claims, claim)).toEqual(groups));

it('rights add up, each in the scopes of its group', () => {
  const rules = [
    { group: 'all', roles: ['viewer' as const] },
    { group: 'pay', roles: ['approver' as const], scopes: ['team-pay'] },
    { group: 'Pay', roles: ['admin' as const] },
  ];
  expect(grantsOf(['all', 'pay', 'else'], rules)).toEqual([
    { roles: ['viewer'], scopes: null },
    { roles: ['approver'], scopes: ['team-pay'] },
  ]);
  expect(grantsOf([], rules)).toEqual([]);
});
