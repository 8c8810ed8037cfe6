import { errorCodeOf } from '@sluice/contracts';
import { describe, expect, it } from 'vitest';
import { checkRef, checkRepositoryPath, parseGitAddress } from './address.ts';
import { credentialFor, parseGitCredentials } from './credentials.ts';
import { findGitWay } from './git-hosts.ts';

const codeOf = (work: () => unknown) => {
  try {
    work();
    return 'taken';
  } catch (error) {
    return errorCodeOf(error);
  }
};

describe('an address', () => {
  it.each([
    ['https://git.example/team/project.git', 'https', 'git.example'],
    ['https://git.example:8443/a', 'https', 'git.example:8443'],
    ['http://127.0.0.1:3000/a.git', 'http', '127.0.0.1:3000'],
    ['ssh://git@git.example:2222/team/a.git', 'ssh', 'git.example:2222'],
  ])('%s is taken', (url, protocol, host) => {
    expect(parseGitAddress(url)).toMatchObject({ protocol, host, url });
  });

  it.each([
    'ext::sh -c touch% /tmp/x',
    'EXT::sh',
    'file:///etc',
    '/etc/passwd',
    '../a',
    'git@git.example:team/a.git',
    '--upload-pack=touch x',
    '-uhttps://git.example/a',
    'https://git.example',
    'https://git.example/',
    'https://git.example/a?x=1',
    'https://git.example/a#b',
    'https://git.example/a b',
    'https://git.example/a\nb',
    'https://git.example/../a',
    'https://git.example/%2e%2e/a',
    'https://git.example/a%0ahost=evil',
    'https:\\\\git.example\\a',
    'https://git.example./a',
    'ssh://-oProxyCommand=x/a',
    'ssh://git.example/-a',
    'git://git.example/a',
    'javascript:alert(1)',
    `https://git.example/${'a'.repeat(600)}`,
    'https://gіt.example/‮a',
  ])('%j is refused', (url) => {
    expect(codeOf(() => parseGitAddress(url))).toBe('git.address-invalid');
  });

  it.each([
    'https://user:pw@git.example/a',
    'https://token@git.example/a',
    'https://@git.example/a',
    'ssh://git:pw@git.example/a',
  ])('%s has credentials, which the error does not repeat', (url) => {
    expect(codeOf(() => parseGitAddress(url))).toBe('git.credentials-in-address');
    expect(() => parseGitAddress(url)).toThrow(/^((?!pw|token).)*$/);
  });
});

it.each(['main', 'release/1.2', 'v1.0.0', 'refs/tags/v1', 'HEAD', 'a'.repeat(40), 'feature/ü'])(
  'the ref %s is taken',
  (ref) => {
    expect(checkRef(ref)).toBe(ref);
  },
);
it.each([
  '',
  '-x',
  '--upload-pack=x',
  'a..b',
  'a:b',
  '+main',
  '^main',
  'a b',
  'a~1',
  'a^{}',
  '*',
  'a\nb',
  '@{1}',
  '@',
  'x.lock',
  'a/',
  'a//b',
  '/a',
  '.a',
])('the ref %j is refused', (ref) => {
  expect(codeOf(() => checkRef(ref))).toBe('git.address-invalid');
});
it.each(['', '/a', '../a', 'a/../b', 'a\\b', './a', 'a\nb'])('the path %j is refused', (path) => {
  expect(codeOf(() => checkRepositoryPath(path))).toBe('git.address-invalid');
});

describe('a host', () => {
  const resolve = (address: string) => async () => [{ address, family: 4 }];
  const wayTo = (url: string, hosts: string[], address = '93.184.216.34') =>
    findGitWay(parseGitAddress(url), { hosts, resolve: resolve(address) });

  it.each([
    ['https://git.example/a', ['git.example']],
    ['https://git.example/a', ['*']],
    ['https://git.example:8443/a', ['*']],
    ['https://code.git.example/a', ['*.git.example']],
    ['ssh://git@git.example/a', ['ssh://git.example']],
    ['http://git.example:3000/a', ['http://git.example:3000']],
  ])('%s is reached with GIT_HOSTS=%s', async (url, hosts) => {
    expect((await wayTo(url, hosts)).addresses).toEqual(['93.184.216.34']);
  });

  it.each([
    ['https://git.example/a', []],
    ['https://evil.example/a', ['git.example']],
    ['https://git.example:8443/a', ['git.example']],
    ['http://git.example/a', ['*']],
    ['http://git.example/a', ['https://git.example']],
    ['ssh://git.example/a', ['*', 'git.example']],
    ['http://git.example:81/a', ['http://git.example']],
  ])('%s is refused with GIT_HOSTS=%s', async (url, hosts) => {
    await expect(wayTo(url, hosts)).rejects.toMatchObject({ code: 'git.host-not-allowed' });
  });

  it.each(['127.0.0.1', '10.0.0.1', '169.254.169.254', '::1', '::ffff:10.0.0.1'])(
    'at %s is private, and refused unless its origin is named',
    async (address) => {
      await expect(wayTo('https://git.example/a', ['git.example', '*'], address)).rejects.toMatchObject({
        code: 'git.host-not-allowed',
      });
      const named = wayTo('https://git.example/a', ['https://git.example'], address);
      if (address.startsWith('169.254'))
        await expect(named).rejects.toMatchObject({ code: 'git.host-not-allowed' });
      else expect((await named).addresses).toEqual([address]);
    },
  );
});

describe('a credential', () => {
  const credentials = parseGitCredentials(
    JSON.stringify({
      reader: { host: 'git.example', tokenFile: '/run/a', scopes: ['team-a'] },
      deploy: { host: 'git.example', keyFile: '/run/k', knownHostsFile: '/run/h' },
    }),
  );
  const usable = (named: string, url: string, scope: string) =>
    codeOf(() => credentialFor(credentials, named, { address: parseGitAddress(url), scope }));

  it('is used for its host, protocol and scopes alone', () => {
    expect(usable('reader', 'https://git.example/a', 'team-a')).toBe('taken');
    expect(usable('deploy', 'ssh://git@git.example/a', 'default')).toBe('taken');
    for (const [named, url, scope] of [
      ['reader', 'https://evil.example/a', 'team-a'],
      ['reader', 'https://git.example:8443/a', 'team-a'],
      ['reader', 'https://git.example/a', 'default'],
      ['reader', 'ssh://git@git.example/a', 'team-a'],
      ['deploy', 'https://git.example/a', 'default'],
      ['constructor', 'https://git.example/a', 'default'],
      ['none', 'https://git.example/a', 'default'],
    ] as const)
      expect(usable(named, url, scope)).toBe('git.credential-not-usable');
  });

  it.each([
    '{',
    '{"a":{"host":"h"}}',
    '{"a":{"host":"h","tokenFile":"t","keyFile":"k"}}',
    '{"a":{"host":"h","keyFile":"k"}}',
    '{"a":{"host":"h","token":"secret"}}',
  ])('document %s is refused', (text) => {
    expect(codeOf(() => parseGitCredentials(text))).toBe('config.invalid');
  });
});
