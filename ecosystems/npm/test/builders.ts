import type { RegistryEvidence } from '@sluice/contracts';
import { cleanRegistry } from '@sluice/testkit';
import type { PackageManifest } from '@sluice/inspection';

export const registry = (more: Partial<RegistryEvidence> = {}): RegistryEvidence =>
  cleanRegistry({ publishedAt: null, ...more });

export function manifest(more: Partial<PackageManifest> = {}): PackageManifest {
  return {
    name: 'a',
    version: '1.0.0',
    scripts: {},
    dependencies: {},
    optionalDependencies: {},
    peerDependencies: {},
    main: null,
    bin: {},
    entryPoints: [],
    ...more,
  };
}
