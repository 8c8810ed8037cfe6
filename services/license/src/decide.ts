import type { LicenseEvidence } from '@sluice/contracts';
import { normaliseDeclaredLicense } from '@sluice/licenses';
import type { GatheredManifest } from './gather.ts';

/** Raised whenever the same manifest would give other evidence. */
const producer = 'license/2';

/** License evidence of a version's manifest. Pure. */
export function decideLicense({ manifest, metadataDigest }: GatheredManifest): LicenseEvidence {
  const { license, raw: _raw, ...facts } = manifest;
  return { ...normaliseDeclaredLicense(license), ...facts, metadataDigest, producer };
}
