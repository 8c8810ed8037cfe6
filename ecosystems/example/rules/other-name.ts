import type { AssessmentRule } from '@sluice/inspection';

export const otherName: AssessmentRule = {
  id: 'manifest.identity',
  title: 'The archive is of another package',
  severity: 'high',
  tier: 'review',
  why: 'License, advisories and approval are of the package version that was asked for.',
  *check({ name, version, archived }) {
    if (archived?.name !== name || archived.version !== version) yield { file: 'MANIFEST' };
  },
};
