import { printable } from '@sluice/contracts';
import type { AssessmentRule, AssessmentView, Hit } from '@sluice/inspection/inspect';
import { terraformNames } from '../names.ts';

export const manifestIdentity: AssessmentRule = {
  id: 'manifest.identity',
  title: 'The archive is of another provider or version',
  severity: 'high',
  tier: 'review',
  why: 'Advisories and approval are of the provider that was asked for. An archive whose program has another name is something else, or is made to look like it.',
  *check({ name, version, archived, file }: AssessmentView): Iterable<Hit> {
    if (!archived) return;
    const type = name.split('/').at(-1)!;
    const hit = (part: string, found: string, asked: string): Hit => ({
      file: file.file,
      title: `The program states another ${part}`,
      excerpt: printable(`${found} instead of ${asked}`, 200),
    });
    if (archived.name !== type) yield hit('provider', archived.name ?? 'absent', type);
    if (archived.version !== null && terraformNames.compareVersions(archived.version, version) !== 0)
      yield hit('version', archived.version, version);
  },
};
