import { licenseEvidenceSchema } from '@sluice/contracts';
import { expect, it } from 'vitest';
import { decideLicense } from './decide.ts';
import type { GatheredManifest } from './gather.ts';

const metadataDigest = `sha256:${'a'.repeat(64)}`;
const gathered = (license: unknown): GatheredManifest => ({
  metadataDigest,
  manifest: {
    license,
    raw: { license },
    deprecated: null,
    publishedAt: '2024-05-06T07:08:09.000Z',
    installScripts: ['postinstall'],
    previousHadInstallScripts: false,
    repositoryUrl: 'https://code.example/pkg',
    dist: {
      tarballUrl: 'https://registry.example/pkg/-/pkg-1.0.0.tgz',
      integrity: null,
      shasum: null,
      unpackedSizeBytes: null,
      fileCount: null,
      signatures: 'not-available',
    },
  },
});

it('states the facts and where they are kept', () => {
  const evidence = decideLicense(gathered('(MIT OR Apache-2.0)'));
  expect(licenseEvidenceSchema.parse(evidence)).toEqual(evidence);
  expect(evidence).toMatchObject({
    declared: '(MIT OR Apache-2.0)',
    declaredForm: 'spdx',
    expression: 'MIT OR Apache-2.0',
    confidence: 'high',
    installScripts: ['postinstall'],
    previousHadInstallScripts: false,
    metadataDigest,
    producer: 'license/2',
  });
  expect(evidence).not.toHaveProperty('raw');
});

it.each([
  [undefined, 'none', null],
  ['UNLICENSED', 'unlicensed', null],
  ['SEE LICENSE IN LICENSE', 'see-license-in', null],
  [[{ type: 'MIT' }, { type: 'GPL-2.0' }], 'array', 'MIT OR GPL-2.0-only'],
])('reads the license %j as %s', (license, declaredForm, expression) => {
  expect(decideLicense(gathered(license))).toMatchObject({ declaredForm, expression });
});
