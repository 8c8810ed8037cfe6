import type { LicenseEvidence, RegistryEvidence } from '@sluice/contracts';
import { normaliseDeclaredLicense } from '@sluice/licenses';
import type { GatheredManifest } from './gather.ts';

/** Raised whenever the same manifest would give other evidence. */
const producer = 'license/3';

/** Evidence of a version's manifest. Pure. */
export function decideLicense({ manifest, metadataDigest, filesDigest, tagsDigest }: GatheredManifest): {
  registry: RegistryEvidence;
  license: LicenseEvidence;
} {
  const { license, raw: _raw, tags: _tags, ...registry } = manifest;
  return {
    registry: { ...registry, filesDigest, metadataDigest, tagsDigest, producer },
    license: { ...normaliseDeclaredLicense(license), producer },
  };
}
