import { createEgress } from '@sluice/egress';
import type { RegistrySettings } from '@sluice/registries';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  buildProviderZip,
  makeSigner,
  startFakeTerraformMirror,
  startFakeTerraformRegistry,
  type FakeProvider,
} from './fake/index.ts';
import { terraformClient } from './registry.ts';

const { signal } = new AbortController();
const [signer, stranger] = await Promise.all([makeSigner('acme'), makeSigner('stranger')]);
const strange = await signer.sign(Buffer.from('another list'));
const name = 'registry.example/acme/thing';
const aliases = ['https://registry.example/'];

async function openWith(
  origin: string,
  settings: Partial<RegistrySettings> & { url: string },
  stop: () => Promise<void>,
) {
  const egress = createEgress({ allowHosts: [], trustedOrigins: [origin] });
  onTestFinished(async () => {
    await egress.close();
    await stop();
  });
  return terraformClient.open({ scopes: new Map(), credentials: [], aliases, ...settings }, egress);
}

async function open(settings: Partial<RegistrySettings> = {}) {
  const fake = await startFakeTerraformRegistry();
  return { fake, registry: await openWith(fake.url, { url: fake.url, ...settings }, fake.stop) };
}

const archivesFor = (...platforms: string[]) =>
  Object.fromEntries(
    platforms.map((platform) => [platform, buildProviderZip({ type: 'thing', version: '1.0.0', platform })]),
  );
const thing = (more: Partial<FakeProvider> = {}): FakeProvider => ({
  namespace: 'acme',
  type: 'thing',
  version: '1.0.0',
  signer,
  ...more,
});

describe('a registry', () => {
  it('gives a file for each configured platform, signed by its publisher', async () => {
    const { fake, registry } = await open({ platforms: ['linux_amd64', 'darwin_arm64', 'windows_amd64'] });
    const archives = archivesFor('linux_amd64', 'linux_arm64', 'darwin_arm64');
    const { urls } = await fake.publish(thing({ archives }));
    const found = await registry.manifest(name, '1.0.0', signal);
    expect(found).toMatchObject({ signer: signer.fingerprint, publishedAt: null, withdrawn: null });
    expect(found.files).toMatchObject([
      {
        file: 'terraform-provider-thing_1.0.0_darwin_arm64.zip',
        kind: 'zip',
        platform: 'darwin_arm64',
        url: urls['darwin_arm64'],
        hashes: [{ algorithm: 'sha256', hex: expect.stringMatching(/^[0-9a-f]{64}$/) as string }],
        signature: { status: 'verified', key: signer.fingerprint, detail: null },
      },
      { platform: 'linux_amd64', signature: { status: 'verified' } },
    ]);
    // The lockfile pins all of them.
    expect(found.otherHashes).toHaveLength(1);
    expect(fake.paths.filter((path) => path.endsWith('SHA256SUMS'))).toHaveLength(1);
  });

  it('whose configured platforms have no file gives all, which other machines may install', async () => {
    const { fake, registry } = await open({ platforms: ['windows_arm64'] });
    await fake.publish(thing({ archives: archivesFor('linux_amd64', 'linux_arm64') }));
    expect((await registry.manifest(name, '1.0.0', signal)).files).toHaveLength(2);
  });

  it.each<[string, Partial<FakeProvider>, object]>([
    [
      'by a key that it does not state',
      { signer: stranger, statedKeys: [signer.armoredKey] },
      { status: 'failed', detail: /none of the keys/ },
    ],
    ['over another list', { signature: strange }, { status: 'failed', detail: /not right/ }],
    ['that is none', { signature: Buffer.from('nothing') }, { status: 'failed', detail: /cannot be read/ }],
    ['that is not there', { signature: null }, { status: 'failed', detail: /does not have/ }],
    [
      'over a list without the file',
      { sums: `${'0'.repeat(64)}  other.zip\n` },
      { status: 'failed', detail: /states nothing/ },
    ],
    [
      'over another digest',
      { sums: `${'0'.repeat(64)}  terraform-provider-thing_1.0.0_linux_amd64.zip\n` },
      { status: 'failed', detail: /states 0000/ },
    ],
    ['without a key', { statedKeys: [] }, { status: 'unverified', detail: /no key/ }],
    ['with a key that cannot be read', { statedKeys: ['-----BEGIN'] }, { status: 'unverified' }],
    ['of no address', { fields: { shasums_signature_url: null } }, { status: 'unavailable' }],
  ])('states a signature %s', async (_, more, expected) => {
    const { fake, registry } = await open();
    await fake.publish(thing(more));
    const found = await registry.manifest(name, '1.0.0', signal);
    const { detail, ...rest } = expected as { detail?: RegExp; status: string };
    expect(found.files[0]!.signature).toMatchObject(rest);
    if (detail) expect(found.files[0]!.signature!.detail).toMatch(detail);
    expect(found.signer).toBeNull();
  });

  it('takes one of several keys, and armored signatures', async () => {
    const { fake, registry } = await open();
    const both = [stranger.armoredKey, signer.armoredKey];
    await fake.publish(thing({ statedKeys: both }));
    const { armor, enums } = await import('openpgp');
    const zip = buildProviderZip({ type: 'thing', version: '2.0.0' });
    const { createHash } = await import('node:crypto');
    const sums = `${createHash('sha256').update(zip).digest('hex')}  terraform-provider-thing_2.0.0_linux_amd64.zip\n`;
    const binary = await signer.sign(Buffer.from(sums));
    const armored = armor(enums.armor.signature, binary);
    await fake.publish(
      thing({
        version: '2.0.0',
        archives: { linux_amd64: zip },
        sums,
        signature: Buffer.from(armored as string),
      }),
    );
    for (const version of ['1.0.0', '2.0.0'])
      expect((await registry.manifest(name, version, signal)).signer).toBe(signer.fingerprint);
  });

  it('is found by its own word, also behind redirects and on another path', async () => {
    const { fake, registry } = await open();
    fake.serve('/discovered/terraform.json', JSON.stringify({ 'providers.v1': 'api' }), 'application/json');
    fake.redirect('/.well-known/terraform.json', `${fake.url}/discovered/terraform.json`);
    fake.serve('/discovered/api/acme/thing/versions', '{"versions":[]}', 'application/json');
    await expect(registry.manifest(name, '1.0.0', signal)).rejects.toMatchObject({
      code: 'registry.version-not-found',
    });
    expect(fake.requests('/discovered/api/acme/thing/versions')).toBe(1);
  });

  it('says what it has to say of a provider', async () => {
    const { fake, registry } = await open();
    await fake.publish(thing());
    fake.warn('acme', 'thing', ['Use acme/other.']);
    expect((await registry.manifest(name, '1.0.0', signal)).withdrawn).toEqual({
      how: 'deprecated',
      reason: 'Use acme/other.',
    });
  });

  it('is not asked for providers of other hosts', async () => {
    const { fake, registry } = await open();
    await fake.publish(thing());
    for (const other of [
      'other.example/acme/thing',
      'registry.example/../thing',
      'acme/thing',
      '',
      'registry.example/a/b/c',
    ]) {
      await expect(registry.manifest(other, '1.0.0', signal)).rejects.toMatchObject({
        code: 'registry.version-not-found',
      });
    }
    expect(fake.requests()).toBe(0);
  });

  it('of a scope has the providers of its host', async () => {
    const fake = await startFakeTerraformRegistry();
    const settings = { url: 'https://registry.example/', scopes: new Map([['corp.example', fake.url]]) };
    const registry = await openWith(fake.url, settings, fake.stop);
    await fake.publish(thing());
    expect((await registry.manifest('corp.example/acme/thing', '1.0.0', signal)).files).toHaveLength(1);
    expect(registry.hostOf('corp.example/acme/thing')).toBe(new URL(fake.url).host);
    expect(registry.hostOf(name)).toBe('registry.example');
  });

  it.each([
    ['another platform', { os: 'plan9' }],
    ['no digest', { shasum: 'abc' }],
    ['no name of the file', { filename: '' }],
  ])('with an answer of %s among right ones is the fault of the provider', async (_, fields) => {
    const { fake, registry } = await open();
    await fake.publish(thing({ type: 'well' }));
    await registry.manifest('registry.example/acme/well', '1.0.0', signal);
    await fake.publish(thing({ fields }));
    await expect(registry.manifest(name, '1.0.0', signal)).rejects.toMatchObject({
      name: 'PermanentError',
      code: 'registry.invalid-metadata',
    });
  });

  it('that is none says so', async () => {
    const { fake, registry } = await open();
    fake.fail('/.well-known/terraform.json', { status: 404 });
    await expect(registry.manifest(name, '1.0.0', signal)).rejects.toMatchObject({
      code: 'registry.invalid-metadata',
      message: expect.stringContaining('says of no registry') as string,
    });
  });

  it('that is away is an outage, also while it has the rest', async () => {
    const { fake, registry } = await open();
    await fake.publish(thing());
    fake.fail('/files/acme/thing/1.0.0/terraform-provider-thing_1.0.0_SHA256SUMS.sig', { status: 503 });
    await expect(registry.manifest(name, '1.0.0', signal)).rejects.toMatchObject({ name: 'TransientError' });
  });
});

describe('a mirror', () => {
  const h1 = `h1:${Buffer.alloc(32, 1).toString('base64')}`;
  const zh = `zh:${'2'.repeat(64)}`;

  async function openMirror(platforms: string[] = []) {
    const fake = await startFakeTerraformMirror();
    const registry = await openWith(
      fake.url,
      { url: fake.mirrorUrl, protocol: 'mirror', platforms },
      fake.stop,
    );
    return { fake, registry };
  }

  it('has the providers of any host, with the hashes that it states and no signature', async () => {
    const { fake, registry } = await openMirror(['linux_amd64']);
    const archives = archivesFor('linux_amd64', 'darwin_arm64');
    const urls = fake.publish({
      name: 'any.example/acme/thing',
      version: '1.0.0',
      archives: {
        linux_amd64: { body: archives['linux_amd64']!, hashes: [h1, 'h7:new'] },
        darwin_arm64: { body: archives['darwin_arm64']!, hashes: [zh] },
      },
    });
    const found = await registry.manifest('any.example/acme/thing', '1.0.0', signal);
    expect(found.files).toMatchObject([
      {
        url: urls['linux_amd64'],
        hashes: [{ algorithm: 'h1', hex: '01'.repeat(32) }],
        signature: { status: 'unavailable', key: null },
      },
    ]);
    expect(found.otherHashes).toEqual(['2'.repeat(32)]);
    expect(found.signer).toBeNull();
  });

  it('may state no hash at all', async () => {
    const { fake, registry } = await openMirror();
    fake.publish({
      name,
      version: '1.0.0',
      archives: { linux_amd64: { body: archivesFor('linux_amd64')['linux_amd64']! } },
    });
    expect((await registry.manifest(name, '1.0.0', signal)).files[0]!.hashes).toEqual([]);
  });

  it('without the version, or without a file of it, does not have it', async () => {
    const { fake, registry } = await openMirror();
    const missing = { name: 'PermanentError', code: 'registry.version-not-found' };
    await expect(registry.manifest(name, '1.0.0', signal)).rejects.toMatchObject(missing);
    fake.publish({ name, version: '2.0.0', archives: {} });
    await expect(registry.manifest(name, '1.0.0', signal)).rejects.toMatchObject(missing);
    await expect(registry.manifest(name, '2.0.0', signal)).rejects.toMatchObject(missing);
  });
});

it('a platform of no known form ends the start', async () => {
  await expect(open({ platforms: ['linux-amd64'] })).rejects.toThrow(/"linux-amd64" is no platform/);
});
