import type { LicenseEvidence } from '@sluice/contracts';
import { cleanLicense } from '@sluice/testkit';
import type { PackageManifest } from '@sluice/inspection';

export const license = (more: Partial<LicenseEvidence> = {}): LicenseEvidence =>
  cleanLicense({ publishedAt: null, ...more });

export function manifest(more: Partial<PackageManifest> = {}): PackageManifest {
  return {
    name: 'a',
    version: '1.0.0',
    scripts: {},
    dependencies: {},
    optionalDependencies: {},
    entryPoints: [],
    ...more,
  };
}
