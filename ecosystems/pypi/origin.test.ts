import { createEgress } from '@sluice/egress';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeFakeSigstore } from '../../libs/provenance/test/fake-sigstore.ts';
import { startFakePypi, type FakeFile } from './fake/index.ts';
import { pypiClient } from './registry.ts';
import { attestedWheel, repository, type Attested } from './test/attested-wheel.ts';

const { signal } = new AbortController();
const sigstore = await makeFakeSigstore();

async function open(options: { form?: 'json' | 'html'; trustedRoot?: string | undefined } = {}) {
  const fake = await startFakePypi({ form: options.form ?? 'json' });
  const egress = createEgress({ allowHosts: [], trustedOrigins: [fake.url] });
  onTestFinished(async () => {
    await egress.close();
    await fake.stop();
  });
  const trustedRoot = 'trustedRoot' in options ? options.trustedRoot : sigstore.trustedRoot;
  const settings = { url: fake.indexUrl, scopes: new Map<string, string>(), credentials: [], trustedRoot };
  return { fake, registry: pypiClient.open(settings, egress) };
}

const wheel = (attested: Attested = {}) => attestedWheel(sigstore, attested);

const provenanceOf = async ({ registry }: Awaited<ReturnType<typeof open>>, version = '1.0') =>
  (await registry.manifest('pkg', version, signal)).files[0]!.provenance!;

it.each(['json', 'html'] as const)(
  'attestations on a page as %s say where a file comes from',
  async (form) => {
    const opened = await open({ form });
    opened.fake.publish({ name: 'pkg', files: [await wheel()] });
    expect(await provenanceOf(opened)).toMatchObject({
      status: 'verified',
      repository,
      issuer: 'https://token.example',
    });
  },
);

it.each<[string, Attested]>([
  ['another file', { name: 'other-1.0-py3-none-any.whl' }],
  ['other bytes', { sha256: 'ab'.repeat(32) }],
  ['a statement that was changed', { isForged: true }],
  [
    'another repository than the publisher that the index names',
    { repository: 'https://github.example/evil/pkg' },
  ],
  ['another host than that of the publisher', { repository: 'https://gitlab.example/acme/pkg' }],
  ['another identity than that of the publisher', { publisher: { kind: 'Google', email: 'a@b.example' } }],
])('attestations of %s have failed', async (_, attested) => {
  const opened = await open();
  opened.fake.publish({ name: 'pkg', files: [await wheel(attested)] });
  expect((await provenanceOf(opened)).status).toBe('failed');
});

it('the name of the file may have another spelling', async () => {
  const opened = await open();
  opened.fake.publish({ name: 'pkg', files: [await wheel({ name: 'PKG-1.0-py3-none-any.whl' })] });
  expect((await provenanceOf(opened)).status).toBe('verified');
});

describe('attestations are unverified', () => {
  it.each<[string, () => Promise<FakeFile>]>([
    [
      'where the index does not have them',
      async () => ({ ...(await wheel()), provenance: 'https://127.0.0.1:1/x' }),
    ],
    [
      'of a form that is not known',
      async () => ({ ...(await wheel()), provenance: { attestation_bundles: 7 } }),
    ],
    [
      'of another version',
      async () => ({
        ...(await wheel()),
        provenance: { attestation_bundles: [{ publisher: { kind: 'x' }, attestations: [{ version: 2 }] }] },
      }),
    ],
    ['without one in them', async () => ({ ...(await wheel()), provenance: { attestation_bundles: [] } })],
    ['for a file without a SHA-256', async () => ({ ...(await wheel()), hashes: {} })],
  ])('%s', async (title, file) => {
    const opened = await open();
    const stated = await file();
    const gone = title.includes('does not have') ? { provenance: `${opened.fake.url}/gone` } : {};
    opened.fake.publish({ name: 'pkg', files: [{ ...stated, ...gone }] });
    expect((await provenanceOf(opened)).status).toBe('unverified');
  });

  it('where nobody who is trusted vouches for them', async () => {
    const opened = await open({ trustedRoot: undefined });
    opened.fake.publish({ name: 'pkg', files: [await wheel()] });
    expect((await provenanceOf(opened)).status).toBe('unverified');
  });
});

it('attestations are unavailable where the index states none, and an outage while they cannot be read', async () => {
  const none = await open();
  const { provenance: _, ...plain } = await wheel();
  none.fake.publish({ name: 'pkg', files: [plain] });
  expect((await provenanceOf(none)).status).toBe('unavailable');
  const away = await open();
  const attested = await wheel();
  away.fake.publish({ name: 'pkg', files: [attested] });
  away.fake.fail(`/integrity/${attested.file}/provenance`, { status: 503 });
  await expect(provenanceOf(away)).rejects.toMatchObject({ name: 'TransientError' });
});

it('attestations are compared with those of the version before', async () => {
  const opened = await open();
  const before = 'https://github.example/acme/before';
  const earlier = await wheel({
    version: '0.9',
    repository: before,
    publisher: { kind: 'GitHub', repository: 'acme/before' },
  });
  const { provenance: _, ...plain } = await wheel({ version: '2.0' });
  opened.fake.publish({ name: 'pkg', files: [earlier, await wheel(), plain] });
  const beforeOf = async (version: string) =>
    (await opened.registry.manifest('pkg', version, signal)).provenanceBefore;
  expect(await beforeOf('0.9')).toBeNull();
  expect(await beforeOf('1.0')).toMatchObject({
    version: '0.9',
    provenance: { status: 'verified', repository: before },
  });
  expect(await beforeOf('2.0')).toMatchObject({ version: '1.0', provenance: { status: 'unverified' } });
});
