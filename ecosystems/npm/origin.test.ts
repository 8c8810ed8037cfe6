import { createEgress } from '@sluice/egress';
import type { RegistrySettings } from '@sluice/registries';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeFakeSigstore } from '../../libs/provenance/test/fake-sigstore.ts';
import { makeRegistrySigner, startFakeNpmRegistry, type FakePackage } from './fake/index.ts';
import { npmClient } from './registry.ts';

const { signal } = new AbortController();
const [signer, stranger] = [makeRegistrySigner(), makeRegistrySigner()];
const sigstore = await makeFakeSigstore();
const keysPath = '/-/npm/v1/keys';
const build = 'https://slsa.dev/provenance/v1';
const hexOf = (integrity: string) => Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex');

async function open(settings: Partial<RegistrySettings> = {}) {
  const fake = await startFakeNpmRegistry();
  const egress = createEgress({ allowHosts: [], trustedOrigins: [fake.url] });
  onTestFinished(async () => {
    await egress.close();
    await fake.stop();
  });
  const own = {
    url: fake.url,
    scopes: new Map<string, string>(),
    credentials: [],
    trustedRoot: sigstore.trustedRoot,
  };
  return { fake, registry: npmClient.open({ ...own, ...settings }, egress) };
}

const signed = (by = signer, version = '1.0.0'): FakePackage => ({
  name: 'a',
  version,
  dist: ({ integrity }) => ({ signatures: by.signatures('a', version, integrity) }),
});

describe('the signature of the registry', () => {
  const statusOf = async ({ registry }: Awaited<ReturnType<typeof open>>) =>
    (await registry.manifest('a', '1.0.0', signal)).files[0]!.signature!.status;

  it('is verified with the key that it lists', async () => {
    const opened = await open();
    opened.fake.serveJson(keysPath, { keys: [stranger.listed(), signer.listed()] });
    opened.fake.publish(signed());
    expect(await statusOf(opened)).toBe('verified');
  });

  it('is unavailable where the registry states none, and its keys are not asked for', async () => {
    const opened = await open();
    opened.fake.publish({ name: 'a', version: '1.0.0' });
    expect(await statusOf(opened)).toBe('unavailable');
    expect(opened.fake.requests(keysPath)).toBe(0);
  });

  it('is unverified where its key is not listed, and where there is no list', async () => {
    const opened = await open();
    opened.fake.publish(signed());
    expect(await statusOf(opened)).toBe('unverified');
    const listed = await open();
    listed.fake.serveJson(keysPath, { keys: [stranger.listed()] });
    listed.fake.publish(signed());
    expect(await statusOf(listed)).toBe('unverified');
  });

  it('has failed when it is of another version, or by another key under the id', async () => {
    const opened = await open();
    opened.fake.serveJson(keysPath, { keys: [signer.listed()] });
    opened.fake.publish({
      name: 'a',
      version: '1.0.0',
      dist: ({ integrity }) => ({ signatures: signer.signatures('a', '1.0.1', integrity) }),
    });
    expect(await statusOf(opened)).toBe('failed');
    const swapped = await open();
    const { keyid } = signer.listed();
    swapped.fake.serveJson(keysPath, { keys: [{ ...stranger.listed(), keyid }] });
    swapped.fake.publish(signed());
    expect(await statusOf(swapped)).toBe('failed');
  });

  it('goes by the configured keys alone where there are some', async () => {
    const opened = await open({ keys: JSON.stringify({ keys: [stranger.listed()] }) });
    opened.fake.serveJson(keysPath, { keys: [signer.listed()] });
    opened.fake.publish(signed());
    expect(await statusOf(opened)).toBe('unverified');
    expect(opened.fake.requests(keysPath)).toBe(0);
    const own = await open({ keys: JSON.stringify({ keys: [signer.listed()] }) });
    own.fake.publish(signed());
    expect(await statusOf(own)).toBe('verified');
    await expect(open({ keys: '{"keys":[]}' })).rejects.toMatchObject({ code: 'config.invalid' });
  });

  it('counts for what was published before the end of its key', async () => {
    const statusAt = async (publishedAt: string | null) => {
      const opened = await open();
      opened.fake.serveJson(keysPath, { keys: [signer.listed('2025-01-01T00:00:00.000Z')] });
      opened.fake.publish({ ...signed(), publishedAt });
      return await statusOf(opened);
    };
    expect(await statusAt('2024-12-31T00:00:00.000Z')).toBe('verified');
    expect(await statusAt('2025-01-02T00:00:00.000Z')).toBe('failed');
    expect(await statusAt(null)).toBe('unverified');
  });

  it('is not known while the list of keys cannot be read, which is an outage', async () => {
    const opened = await open();
    opened.fake.publish(signed());
    opened.fake.fail(keysPath, { status: 503 });
    await expect(opened.registry.manifest('a', '1.0.0', signal)).rejects.toMatchObject({
      name: 'TransientError',
    });
  });
});

describe('attestations', () => {
  interface Attested {
    version?: string;
    repository?: string;
    /** The subject in place of the right one. */
    purl?: string;
    sha512?: string;
    isForged?: boolean;
    predicateType?: string;
  }

  async function publish({ fake }: Awaited<ReturnType<typeof open>>, attested: Attested = {}) {
    const { version = '1.0.0', purl = `pkg:npm/%40acme/a@${version}`, predicateType = build } = attested;
    const dist = () => ({
      attestations: { url: 'https://registry.example/x', provenance: { predicateType } },
    });
    const { integrity } = fake.publish({
      name: '@acme/a',
      version,
      dist,
      publishedAt: `2024-01-0${version[0]}T00:00:00.000Z`,
    });
    const bundle = await sigstore.attest({
      subject: { name: purl, digest: { sha512: attested.sha512 ?? hexOf(integrity) } },
      predicateType,
      ...(attested.repository ? { repository: attested.repository } : {}),
      ...(attested.isForged ? { isForged: true } : {}),
    });
    fake.serveJson(`/-/npm/v1/attestations/@acme/a@${version}`, {
      attestations: [{ predicateType, bundle }],
    });
  }

  const manifestOf = ({ registry }: Awaited<ReturnType<typeof open>>, version = '1.0.0') =>
    registry.manifest('@acme/a', version, signal);
  const statusOf = async (opened: Awaited<ReturnType<typeof open>>) =>
    (await manifestOf(opened)).files[0]!.provenance!.status;

  it('say from which repository a version was built', async () => {
    const opened = await open();
    await publish(opened);
    expect((await manifestOf(opened)).files[0]!.provenance).toMatchObject({
      status: 'verified',
      repository: 'https://git.example/acme/thing',
      issuer: 'https://token.example',
    });
  });

  it.each<[string, Attested]>([
    ['another package', { purl: 'pkg:npm/%40acme/b@1.0.0' }],
    ['another version', { purl: 'pkg:npm/%40acme/a@1.0.1' }],
    ['other bytes', { sha512: 'ab'.repeat(64) }],
    ['a statement that was changed', { isForged: true }],
  ])('of %s have failed', async (_, attested) => {
    const opened = await open();
    await publish(opened, attested);
    expect(await statusOf(opened)).toBe('failed');
  });

  it('are unverified where the registry does not have them, and where nobody who is trusted vouches for them', async () => {
    const gone = await open();
    gone.fake.publish({ name: '@acme/a', version: '1.0.0', dist: () => ({ attestations: { url: 'x' } }) });
    expect(await statusOf(gone)).toBe('unverified');
    const strange = await open({ trustedRoot: undefined });
    await publish(strange);
    expect(await statusOf(strange)).toBe('unverified');
    const odd = await open();
    await publish(odd);
    odd.fake.serveJson('/-/npm/v1/attestations/@acme/a@1.0.0', {
      attestations: [{ predicateType: build, bundle: 7 }],
    });
    expect(await statusOf(odd)).toBe('unverified');
  });

  it('of something else than the build are none', async () => {
    const opened = await open();
    await publish(opened, { predicateType: 'https://example.org/publish/v0.1' });
    expect(await statusOf(opened)).toBe('unavailable');
  });

  it('are an outage while they cannot be read', async () => {
    const opened = await open();
    await publish(opened);
    opened.fake.fail('/-/npm/v1/attestations/@acme/a@1.0.0', { status: 503 });
    await expect(manifestOf(opened)).rejects.toMatchObject({ name: 'TransientError' });
  });

  it('are compared with those of the version before', async () => {
    const opened = await open();
    await publish(opened, { repository: 'https://git.example/acme/before' });
    await publish(opened, { version: '2.0.0' });
    expect((await manifestOf(opened, '2.0.0')).provenanceBefore).toMatchObject({
      version: '1.0.0',
      provenance: { status: 'verified', repository: 'https://git.example/acme/before' },
    });
    expect((await manifestOf(opened)).provenanceBefore).toBeUndefined();
  });

  it('that a version has lost are known without another request', async () => {
    const opened = await open();
    await publish(opened);
    opened.fake.publish({ name: '@acme/a', version: '2.0.0', publishedAt: '2024-01-02T00:00:00.000Z' });
    const { files, provenanceBefore } = await manifestOf(opened, '2.0.0');
    expect([files[0]!.provenance!.status, provenanceBefore!.provenance.status]).toEqual([
      'unavailable',
      'unverified',
    ]);
    expect(opened.fake.paths.filter((path) => path.includes('attestations'))).toEqual([]);
  });
});
