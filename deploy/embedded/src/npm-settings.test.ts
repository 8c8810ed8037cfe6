import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { npmSettings } from './npm-settings.ts';

const folder = await mkdtemp(join(tmpdir(), 'sluice-npm-'));
const home = join(folder, 'home');
const cafile = join(folder, 'ca.pem');
const env = {
  PATH: process.env['PATH'],
  HOME: home,
  npm_config_globalconfig: join(folder, 'global'),
  npm_config_userconfig: join(home, '.npmrc'),
  npm_config_local_prefix: folder,
  CORP_TOKEN: 'secret-of-the-variable',
};
beforeAll(async () => {
  await mkdir(home);
  await writeFile(cafile, 'PEM');
  await writeFile(
    env.npm_config_userconfig,
    [
      'registry=https://registry.example/npm/',
      `cafile=${cafile}`,
      'https-proxy=http://proxy.example:3128',
      'noproxy=corp.example,localhost',
      '@corp:registry=https://npm.corp.example/r/',
      '//npm.corp.example/r/:_authToken=${CORP_TOKEN}',
      '//registry.example/npm/:_authToken=plain',
    ].join('\n'),
  );
});
afterAll(() => rm(folder, { recursive: true }));

it('takes everything that npm has for reaching its registries', async () => {
  expect(await npmSettings(env)).toEqual({
    registryUrl: 'https://registry.example/npm/',
    settings: {
      EGRESS_CA_FILE: cafile,
      EGRESS_PROXY: 'http://proxy.example:3128',
      EGRESS_NO_PROXY: 'corp.example,localhost',
      NPM_SCOPED_REGISTRIES: '@corp=https://npm.corp.example/r/',
    },
    credentials:
      '//npm.corp.example/r/:_authToken=secret-of-the-variable\n//registry.example/npm/:_authToken=plain',
  });
});

it('prefers settings of Sluice to those of npm, each by itself', async () => {
  const set = { EGRESS_CA: 'PEM', EGRESS_PROXY: 'http://other.example:1', NPM_CREDENTIALS_FILE: '/a' };
  const found = await npmSettings({ ...env, ...set });
  expect(Object.keys(found.settings)).toEqual(['EGRESS_NO_PROXY', 'NPM_SCOPED_REGISTRIES']);
  expect(found.credentials).toBe('');
});

it('takes nothing of npm’s where a registry was set for Sluice', async () => {
  expect(await npmSettings({ ...env, NPM_REGISTRY_URL: 'https://mirror.example/' })).toEqual({
    registryUrl: 'https://mirror.example/',
    settings: {},
    credentials: '',
  });
});

it('says what to correct when npm cannot be asked, or names a file that cannot be read', async () => {
  await expect(npmSettings({ PATH: '/nonexistent' })).rejects.toMatchObject({
    remedy: 'Set NPM_REGISTRY_URL.',
  });
  await expect(npmSettings({ ...env, npm_config_cafile: '/nonexistent.pem' })).rejects.toMatchObject({
    message: 'The cafile of npm, /nonexistent.pem, cannot be read.',
  });
});
