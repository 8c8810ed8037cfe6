import type { PackageContents, PackageManifest, PackageRule } from '@sluice/inspection/inspect';

interface ExampleContents extends PackageContents {
  manifest: PackageManifest | null;
}

export const startsProgram: PackageRule<ExampleContents> = {
  id: 'malware.starts-program',
  title: 'Starts a program when it is installed',
  severity: 'high',
  tier: 'review',
  why: 'Packages of this ecosystem are data.',
  *check({ manifest }) {
    const start = manifest?.scripts['start'];
    if (start !== undefined) yield { file: 'MANIFEST', excerpt: start };
  },
};
