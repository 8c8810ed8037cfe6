import { licenseEvidenceSchema, registryEvidenceSchema } from '@sluice/contracts';
import { cleanRegistry } from '@sluice/testkit';
import { expect, it } from 'vitest';
import { decideLicense } from './decide.ts';
import type { GatheredManifest } from './gather.ts';

const metadataDigest = `sha256:${'a'.repeat(64)}`;
const filesDigest = `sha256:${'b'.repeat(64)}`;
const tagsDigest = `sha256:${'c'.repeat(64)}`;
const stated = {
  ...cleanRegistry({ runsAtInstall: ['postinstall'], previousRanAtInstall: false, publisher: 'mira' }),
  withdrawn: { how: 'deprecated' as const, reason: 'Use another.' },
};
const gathered = (license: unknown): GatheredManifest => ({
  metadataDigest,
  filesDigest,
  tagsDigest,
  manifest: { ...stated, tags: { latest: '1.0.0' }, license, raw: { license } },
});

it('states the facts and where they are kept', () => {
  const { license, registry } = decideLicense(gathered('(MIT OR Apache-2.0)'));
  expect(licenseEvidenceSchema.parse(license)).toEqual(license);
  expect(registryEvidenceSchema.parse(registry)).toEqual(registry);
  expect(license).toEqual({
    declared: '(MIT OR Apache-2.0)',
    declaredForm: 'spdx',
    expression: 'MIT OR Apache-2.0',
    confidence: 'high',
    producer: 'license/3',
  });
  expect(registry).toEqual({ ...stated, metadataDigest, filesDigest, tagsDigest, producer: 'license/3' });
});

it.each([
  [undefined, 'none', null],
  ['UNLICENSED', 'unlicensed', null],
  ['SEE LICENSE IN LICENSE', 'see-license-in', null],
  [[{ type: 'MIT' }, { type: 'GPL-2.0' }], 'array', 'MIT OR GPL-2.0-only'],
])('reads the license %j as %s', (license, declaredForm, expression) => {
  expect(decideLicense(gathered(license)).license).toMatchObject({ declaredForm, expression });
});
