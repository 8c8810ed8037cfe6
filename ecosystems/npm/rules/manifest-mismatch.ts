import { printable } from '@sluice/contracts';
import type { PackageManifest, AssessmentRule, AssessmentView, Hit } from '@sluice/inspection/inspect';
import { installHooks } from '../manifest.ts';

export const manifestMismatch: AssessmentRule = {
  id: 'malware.manifest-mismatch',
  title: "The archive's package.json differs from the registry's",
  severity: 'high',
  tier: 'review',
  why: 'The registry does not compare the manifest that is published with the one in the archive. Tools show and resolve the first; npm runs what the second says.',
  *check({ archived, registered }: AssessmentView): Iterable<Hit> {
    if (!archived || !registered) return;
    const hit = (what: string, inArchive: string | null, elsewhere: string | null): Hit => ({
      file: 'package.json',
      title: `The archive's package.json differs from the registry's: ${what}`,
      excerpt: printable(`${inArchive ?? 'absent'} instead of ${elsewhere ?? 'absent'}`, 200),
    });
    for (const hook of installHooks) {
      const [inArchive, stated] = [archived.scripts[hook] ?? null, registered.scripts[hook] ?? null];
      // The registry adds this one by itself where it sees a binding.gyp.
      const isAdded = hook === 'install' && inArchive === null && stated === 'node-gyp rebuild';
      if (inArchive !== stated && !isAdded) yield hit(`script ${hook}`, inArchive, stated);
    }
    yield* dependencyHits(archived, registered, hit);
  },
};

function* dependencyHits(
  archived: PackageManifest,
  registered: PackageManifest,
  hit: (what: string, inArchive: string | null, elsewhere: string | null) => Hit,
): Iterable<Hit> {
  // Registries list optional dependencies under both names.
  const inArchive = { ...archived.dependencies, ...archived.optionalDependencies };
  const stated = { ...registered.dependencies, ...registered.optionalDependencies };
  for (const name of Object.keys(inArchive).toSorted()) {
    if (!Object.hasOwn(stated, name)) yield hit(`dependency ${printable(name, 80)}`, inArchive[name]!, null);
  }
  for (const name of Object.keys(stated).toSorted()) {
    if (!Object.hasOwn(inArchive, name)) yield hit(`dependency ${printable(name, 80)}`, null, stated[name]!);
  }
}
