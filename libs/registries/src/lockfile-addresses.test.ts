import { expect, it } from 'vitest';
import { lockfileAddresses } from './lockfile-addresses.ts';

const addresses = lockfileAddresses(
  new Map([
    [
      'npm',
      {
        url: 'https://user:token@registry.example/npm',
        aliases: ['HTTPS://Mirror.example:443'],
        hosts: [],
        scopes: { '@corp': { url: 'https://npm.corp.example/r' } },
      },
    ],
  ]),
);

it('writes addresses as those of a lockfile are written', () => {
  expect(addresses('npm', 'a')).toEqual(['https://registry.example/npm/', 'https://mirror.example/']);
});

it('a scope with a registry of its own has the address of that alone', () => {
  expect(addresses('npm', '@corp/a')).toEqual(['https://npm.corp.example/r/']);
  expect(addresses('npm', '@corporation/a')).toEqual(addresses('npm', 'a'));
});

it('knows no address of an ecosystem without a registry', () => {
  expect(addresses('pypi', 'a')).toEqual([]);
});
