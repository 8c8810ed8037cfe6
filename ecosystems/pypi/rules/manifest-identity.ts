import { printable } from '@sluice/contracts';
import type { AssessmentRule, AssessmentView, Hit, PackageManifest } from '@sluice/inspection/inspect';
import { pypiNames } from '../names.ts';

export const manifestIdentity: AssessmentRule = {
  id: 'manifest.identity',
  title: 'The metadata are of another package or version',
  severity: 'high',
  tier: 'review',
  why: 'License, advisories and approval are of the package version that was asked for. An archive or a registry that names another one has something else, or something made to look like it.',
  *check(view: AssessmentView): Iterable<Hit> {
    const { archived, registered, file } = view;
    if (archived) yield* differences('The archive', file.file, archived, view);
    if (registered) yield* differences('The registry', null, registered, view);
    // Reading depends on the bytes, installing on the name.
    const isSdist = archived !== null && Object.hasOwn(archived.scripts, 'build');
    if (archived && isSdist !== (file.kind === 'sdist'))
      yield { file: file.file, title: `By its name it is a ${file.kind}, by its content it is none` };
  },
};

function* differences(
  from: string,
  file: string | null,
  stated: PackageManifest,
  { name, version }: AssessmentView,
): Iterable<Hit> {
  const hit = (part: string, found: string | null, asked: string): Hit => ({
    file,
    title: found === null ? `${from} states no ${part}` : `${from} states another ${part}`,
    excerpt: printable(`${found ?? 'absent'} instead of ${asked}`, 200),
  });
  if (stated.name === null || pypiNames.canonicalName(stated.name) !== pypiNames.canonicalName(name))
    yield hit('name', stated.name, name);
  if (stated.version === null || pypiNames.compareVersions(stated.version, version) !== 0)
    yield hit('version', stated.version, version);
}
