import { mkdtemp, mkdir, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseGitAddress } from './address.ts';
import { gitEnvironment } from './git-environment.ts';
import { findGitWay } from './git-hosts.ts';
import { isRecentGit, requireGit } from './require-git.ts';
import { folderBytes, makeWorkFolder, removeAbandoned, touchFolder } from './work-folders.ts';

const folder = await mkdtemp(path.join(tmpdir(), 'sluice-git-env-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
await writeFile(path.join(folder, 'token'), 'glpat-secret\n');

async function environmentOf(
  url: string,
  hosts: string[],
  more: Partial<Parameters<typeof gitEnvironment>[0]> = {},
  proxy?: { url: string; except: string[] },
) {
  const address = parseGitAddress(url);
  const resolve = async () => [
    { address: '93.184.216.34', family: 4 },
    { address: '2606:2800::1', family: 6 },
  ];
  const way = await findGitWay(address, { hosts, resolve, proxy });
  const env = await gitEnvironment({ address, way, credential: null, ca: undefined, ...more }, folder);
  const settings = Array.from({ length: Number(env['GIT_CONFIG_COUNT']) }, (_, at) => [
    env[`GIT_CONFIG_KEY_${at}`]!,
    env[`GIT_CONFIG_VALUE_${at}`]!,
  ]);
  return { env, settings: Object.fromEntries(settings) as Record<string, string> };
}

describe('the environment of git', () => {
  it('has nothing of this process but what is stated, and lets one protocol through', async () => {
    const { env, settings } = await environmentOf('https://git.example/a', ['git.example']);
    const names = Object.keys(env).filter((name) => !/^GIT_CONFIG_(?:KEY|VALUE)_/.test(name));
    expect(names.toSorted().join(' ')).toBe(
      'GIT_ALLOW_PROTOCOL GIT_ASKPASS GIT_ATTR_NOSYSTEM GIT_CONFIG_COUNT GIT_CONFIG_GLOBAL GIT_CONFIG_NOSYSTEM ' +
        'GIT_LITERAL_PATHSPECS GIT_NO_LAZY_FETCH GIT_NO_REPLACE_OBJECTS GIT_TERMINAL_PROMPT HOME LC_ALL PATH ' +
        'SSH_ASKPASS_REQUIRE XDG_CONFIG_HOME',
    );
    expect(env['GIT_ALLOW_PROTOCOL']).toBe('https');
    expect(settings).toMatchObject({
      'protocol.allow': 'never',
      'protocol.https.allow': 'always',
      'core.hooksPath': '/dev/null',
      'credential.helper': '',
      'http.followRedirects': 'false',
      'http.proxy': '',
      'http.curloptResolve': 'git.example:443:93.184.216.34,[2606:2800::1]',
    });
  });

  it('has a token in a header, and authorities in a file', async () => {
    const credential = { host: 'git.example:8443', tokenFile: path.join(folder, 'token'), user: 'bot' };
    const { settings } = await environmentOf('https://git.example:8443/a', ['git.example:8443'], {
      credential,
      ca: 'OWN AUTHORITY',
    });
    const header = `Authorization: Basic ${Buffer.from('bot:glpat-secret').toString('base64')}`;
    expect(settings['http.extraHeader']).toBe(header);
    expect(settings['http.curloptResolve']).toMatch(/^git\.example:8443:/);
    expect(await readFile(settings['http.sslCAInfo']!, 'utf8')).toMatch(
      /BEGIN CERTIFICATE[^]*OWN AUTHORITY$/,
    );
  });

  it('names the proxy, which resolves names then', async () => {
    const proxy = { url: 'http://proxy.example:3128', except: [] };
    const { settings } = await environmentOf('https://git.example/a', ['git.example'], {}, proxy);
    expect(settings['http.proxy']).toBe('http://proxy.example:3128');
    expect(settings).not.toHaveProperty('http.curloptResolve');
  });

  it('has ssh connect to the checked address, under the name’s key, with one key and nothing else', async () => {
    const credential = { host: 'git.example', keyFile: "/run/it's/key", knownHostsFile: '/run/hosts' };
    const { env, settings } = await environmentOf('ssh://git@git.example/a', ['ssh://git.example'], {
      credential,
    });
    const command = env['GIT_SSH_COMMAND']!;
    for (const option of [
      '-F /dev/null',
      "'HostName=93.184.216.34'",
      "'HostKeyAlias=git.example'",
      "'StrictHostKeyChecking=yes'",
      "'UserKnownHostsFile=/run/hosts'",
      "'IdentityFile=/run/it'\\''s/key'",
      "'BatchMode=yes'",
      "'ProxyCommand=none'",
    ])
      expect(command).toContain(option);
    expect(env['GIT_ALLOW_PROTOCOL']).toBe('ssh');
    expect(settings).not.toHaveProperty('http.extraHeader');
  });
});

it.each([
  ['git version 2.37.0', true],
  ['git version 2.39.5 (Apple Git-154)', true],
  ['git version 3.0', true],
  ['git version 2.36.9', false],
  ['git version 1.99', false],
  ['something else', false],
])('%s is recent enough: %s', (text, isRecent) => {
  expect(isRecentGit(text)).toBe(isRecent);
});

it('this machine’s git is recent enough, and a machine without one is told so', async () => {
  expect(await requireGit()).toMatch(/^git version/);
  await expect(requireGit('/nowhere')).rejects.toMatchObject({ code: 'git.unavailable' });
});

it('folders of clones are removed when their process has died, and no others', async () => {
  const root = path.join(folder, 'clones');
  expect(await removeAbandoned(root)).toBe(0);
  const [dead, alive] = [await makeWorkFolder(root), await makeWorkFolder(root)];
  await mkdir(path.join(root, 'mine'));
  await mkdir(path.join(dead, 'a'));
  await writeFile(path.join(dead, 'a', 'pack'), 'x'.repeat(1_000));
  expect(await folderBytes(dead)).toBe(1_000);
  const old = new Date(Date.now() - 600_000);
  for (const each of [dead, alive, path.join(root, 'mine')]) await utimes(each, old, old);
  await touchFolder(alive);
  expect(await removeAbandoned(root)).toBe(1);
  expect((await readdir(root)).toSorted()).toEqual([path.basename(alive), 'mine'].toSorted());
});
