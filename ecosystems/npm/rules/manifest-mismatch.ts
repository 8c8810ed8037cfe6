import path from 'node:path/posix';
import { printable } from '@sluice/contracts';
import type { PackageManifest, AssessmentRule, AssessmentView, Hit } from '@sluice/inspection/inspect';
import { placeKind } from '../lockfiles/spec.ts';
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
    // What a hook runs by name is a part of it.
    const byName = Object.keys(archived.scripts).filter((name) => Object.hasOwn(registered.scripts, name));
    for (const hook of new Set([...installHooks, ...byName])) {
      const [inArchive, stated] = [archived.scripts[hook] ?? null, registered.scripts[hook] ?? null];
      // The registry adds this one by itself where it sees a binding.gyp.
      const isAdded = hook === 'install' && inArchive === null && stated === 'node-gyp rebuild';
      if (inArchive !== stated && !isAdded) yield hit(`script ${hook}`, inArchive, stated);
    }
    yield* dependencyHits(archived, registered, hit);
    yield* programHits(archived, registered, hit);
    const [inArchive, stated] = [archived.main, registered.main].map(placeOf);
    // An abbreviated statement has no main, and index.js is what loads without one.
    if (stated !== null && inArchive !== stated && !(inArchive === null && stated === 'index.js'))
      yield hit('main', archived.main, registered.main);
  },
};

type ToHit = (what: string, inArchive: string | null, elsewhere: string | null) => Hit;

/** Registries drop the `./` in front of a path. */
function placeOf(file: string | null | undefined): string | null {
  return file ? path.normalize(file).replace(/^\.?\//, '') : null;
}

function* programHits(archived: PackageManifest, registered: PackageManifest, hit: ToHit): Iterable<Hit> {
  const names = new Set([...Object.keys(archived.bin), ...Object.keys(registered.bin)]);
  for (const name of [...names].toSorted()) {
    const [inArchive, stated] = [archived.bin, registered.bin].map((bin) =>
      Object.hasOwn(bin, name) ? bin[name]! : null,
    );
    if (placeOf(inArchive) !== placeOf(stated)) yield hit(`bin ${printable(name, 80)}`, inArchive!, stated!);
  }
}

function* dependencyHits(archived: PackageManifest, registered: PackageManifest, hit: ToHit): Iterable<Hit> {
  // Registries list optional dependencies under both names.
  const inArchive = { ...archived.dependencies, ...archived.optionalDependencies };
  const stated = { ...registered.dependencies, ...registered.optionalDependencies };
  for (const name of Object.keys(inArchive).toSorted()) {
    const elsewhere = Object.hasOwn(stated, name) ? stated[name]! : null;
    if (elsewhere === null || isOther(inArchive[name]!, elsewhere))
      yield hit(`dependency ${printable(name, 80)}`, inArchive[name]!, elsewhere);
  }
  for (const name of Object.keys(stated).toSorted()) {
    if (!Object.hasOwn(inArchive, name)) yield hit(`dependency ${printable(name, 80)}`, null, stated[name]!);
  }
}

/** Registries write the address of a repository in another form. */
function isOther(inArchive: string, stated: string): boolean {
  if (inArchive.trim() === stated.trim()) return false;
  return placeKind(inArchive) !== 'git' || placeKind(stated) !== 'git';
}
