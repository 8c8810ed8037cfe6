import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  authorizationFor,
  openRegistries,
  type RegistryClient,
  type RegistrySettings,
} from '@sluice/registries';
import { egressConfig, loadConfig } from '@sluice/runtime';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { registryConfig, registryDocuments, registrySecrets } from './settings.ts';

const schema = z.object({ ...egressConfig, ...registryConfig, ...registrySecrets });
const documentsOf = (env: Record<string, string>) => registryDocuments(loadConfig(schema, env));
const invalid = (message: RegExp) =>
  expect.objectContaining({ code: 'config.invalid', message: expect.stringMatching(message) }) as Error;

/** The settings that each ecosystem's client is opened with. */
async function open(env: Record<string, string>): Promise<Map<string, RegistrySettings>> {
  const opened = new Map<string, RegistrySettings>();
  const clientOf = (type: string): RegistryClient => ({
    type,
    ...(type === 'terraform' ? { protocols: ['registry', 'mirror'] } : {}),
    ...(type === 'npm' ? { hasKeys: true } : {}),
    open(settings) {
      opened.set(type, settings);
      return {} as ReturnType<RegistryClient['open']>;
    },
  });
  const config = loadConfig(schema, env);
  const ends: (() => unknown)[] = [];
  onTestFinished(async () => void (await Promise.all(ends.map((end) => end()))));
  await openRegistries(
    { config, onStop: (_, end) => ends.push(end) },
    { clients: ['npm', 'pypi', 'terraform'].map(clientOf), documents: registryDocuments(config) },
  );
  return opened;
}

describe('REGISTRIES', () => {
  it('names a registry, its scopes and their tokens, which are sent only to addresses below theirs', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'sluice-registries-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(path.join(folder, 'main'), 'main\n');
    await writeFile(path.join(folder, 'acme'), 'acme\n');
    const npm = {
      url: 'https://Registry.example:443/npm',
      tokenFile: path.join(folder, 'main'),
      scopes: { '@acme': { url: 'https://acme.example/', tokenFile: path.join(folder, 'acme') } },
    };
    const settings = (await open({ REGISTRIES: JSON.stringify({ npm }) })).get('npm')!;
    expect(settings.scopes.get('@acme')).toBe('https://acme.example/');
    const shown = (url: string) => authorizationFor(url, settings.credentials);
    expect(shown('https://registry.example/npm/a')).toBe('Bearer main');
    expect(shown('https://acme.example/@acme/a')).toBe('Bearer acme');
    expect(shown('http://registry.example/npm/a')).toBeUndefined();
    expect(shown('https://registry.example/npm-other/a')).toBeUndefined();
    expect(shown('https://other.example/npm/a')).toBeUndefined();
  });

  it('counts before the short forms, which go on for an ecosystem that it does not name', async () => {
    const env = {
      NPM_REGISTRY_URL: 'https://short.example/',
      NPM_REGISTRY_ALIASES: 'https://alias.example/',
      NPM_SCOPED_REGISTRIES: '@acme=https://acme.example/npm/',
      NPM_REGISTRY_TOKEN: 'secret',
    };
    const pypi = { url: 'https://pypi.example/simple/' };
    const both = documentsOf({ ...env, REGISTRIES: JSON.stringify({ pypi }) });
    expect(both.get('pypi')).toMatchObject(pypi);
    expect(both.get('npm')).toEqual({
      url: 'https://short.example/',
      aliases: ['https://alias.example/'],
      hosts: [],
      scopes: { '@acme': { url: 'https://acme.example/npm/' } },
      credentials: [{ below: 'https://short.example/', authorization: 'Bearer secret' }],
    });
    const npm = { url: 'https://long.example/' };
    expect(documentsOf({ ...env, REGISTRIES: JSON.stringify({ npm }) }).get('npm')).toMatchObject(npm);
  });

  it('hands an ecosystem its platforms', async () => {
    const pypi = {
      url: 'https://index.example/simple',
      platforms: ['cp312-linux-x64'],
      hosts: ['https://files.example'],
    };
    const opened = await open({ REGISTRIES: JSON.stringify({ pypi }) });
    expect(opened.get('pypi')!.platforms).toEqual(['cp312-linux-x64']);
  });

  it('hands an ecosystem its protocols and aliases, and refuses those of others', async () => {
    const registry = {
      url: 'https://registry.example/',
      aliases: ['https://other.example/'],
      protocol: 'mirror',
    };
    const scopes = { 'corp.example': { url: 'https://corp.example/', protocol: 'registry' } };
    const env = (documents: object) => ({ REGISTRIES: JSON.stringify(documents) });
    const settings = (await open(env({ terraform: { ...registry, scopes } }))).get('terraform')!;
    expect(settings).toMatchObject({ protocol: 'mirror', aliases: ['https://other.example/'] });
    expect(settings.scopeProtocols).toEqual(new Map([['corp.example', 'registry']]));
    await expect(open(env({ terraform: { ...registry, protocol: 'ftp' } }))).rejects.toThrow(
      invalid(/terraform\.protocol: "ftp" is none of registry, mirror/),
    );
    await expect(open(env({ npm: registry }))).rejects.toThrow(
      invalid(/npm\.protocol: "mirror" is not for this ecosystem/),
    );
  });

  it('hands an ecosystem the keys of its registry, where its registries have some', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'sluice-registries-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const keysFile = path.join(folder, 'keys.json');
    await writeFile(keysFile, '{"keys":[]}');
    const registry = { url: 'https://registry.example/', keysFile };
    expect((await open({ REGISTRIES: JSON.stringify({ npm: registry }) })).get('npm')!.keys).toBe(
      '{"keys":[]}',
    );
    await expect(open({ REGISTRIES: JSON.stringify({ pypi: registry }) })).rejects.toThrow(
      invalid(/pypi\.keysFile: its registries do not sign/),
    );
    await expect(
      open({ REGISTRIES: JSON.stringify({ npm: { ...registry, keysFile: '/nowhere' } }) }),
    ).rejects.toThrow(invalid(/keysFile of npm cannot be read \(ENOENT\)/));
  });

  it.each([
    ['{', /REGISTRIES: must be JSON/],
    ['{"npm":{}}', /REGISTRIES: npm\.url/],
    ['{"npm":{"url":"ftp://a"}}', /REGISTRIES: npm\.url must be a URL with scheme https or http/],
    ['{"npm":{"url":"https://a","token":"secret"}}', /REGISTRIES: npm is wrong: [^]*"token"/],
    ['{"npm":{"url":"https://a","scopes":{"@b":{}}}}', /REGISTRIES: npm\.scopes\.@b\.url/],
  ])('%s is refused with its place', (text, message) => {
    expect(() => documentsOf({ REGISTRIES: text })).toThrow(invalid(message));
  });

  it.each([
    [{}, /there is no registry/],
    [{ REGISTRIES: '{"cargo":{"url":"https://a.example"}}' }, /"cargo" is none of npm, pypi, terraform/],
    [
      { REGISTRIES: '{"npm":{"url":"https://a.example","tokenFile":"/nowhere"}}' },
      /tokenFile of npm\.url cannot be read \(ENOENT\)/,
    ],
  ])('ends the start for %j', async (env, message) => {
    await expect(open(env)).rejects.toThrow(invalid(message));
  });
});
