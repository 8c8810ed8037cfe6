import semver from 'semver';
import { printable } from '@sluice/contracts';
import type { PackageManifest, AssessmentRule, AssessmentView, Hit } from '@sluice/inspection/inspect';

export const manifestIdentity: AssessmentRule = {
  id: 'manifest.identity',
  title: 'A manifest names another package or version',
  severity: 'high',
  tier: 'review',
  why: 'License, advisories and approval are of the package version that was asked for. A registry or an archive that names another one has something else, or something made to look like it. Names are compared letter by letter: npm has packages that differ in case only.',
  *check(view: AssessmentView): Iterable<Hit> {
    const { archived, registered } = view;
    if (archived) yield* differences("The archive's package.json", 'package.json', archived, view);
    if (registered) yield* differences("The registry's manifest", null, registered, view);
  },
};

function* differences(
  manifest: string,
  file: string | null,
  stated: PackageManifest,
  { name, version }: AssessmentView,
): Iterable<Hit> {
  const hit = (part: string, found: string | null, asked: string): Hit => ({
    file,
    title: found === null ? `${manifest} has no ${part}` : `${manifest} has another ${part}`,
    excerpt: printable(`${found ?? 'absent'} instead of ${asked}`, 200),
  });
  if (stated.name !== name) yield hit('name', stated.name, name);
  if (!isVersion(stated.version, version)) yield hit('version', stated.version, version);
}

/** Registries drop a leading `v` and build metadata, and nothing else. */
function isVersion(stated: string | null, asked: string): boolean {
  if (stated === null) return false;
  return stated === asked || (semver.clean(stated) ?? stated) === (semver.clean(asked) ?? asked);
}
