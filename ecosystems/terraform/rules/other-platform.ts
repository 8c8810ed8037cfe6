import type { AssessmentRule, AssessmentView, Hit } from '@sluice/inspection/inspect';
import { formatOn } from '../archive/programs.ts';

export const otherPlatform: AssessmentRule = {
  id: 'manifest.platform',
  title: 'The program is not for the platform of its archive',
  severity: 'medium',
  tier: 'review',
  why: 'The archive was packed by hand or by something broken: the release tools of providers build the program that they pack.',
  *check({ archived, file: { file, platform } }: AssessmentView): Iterable<Hit> {
    if (!archived || platform === null) return;
    const expected = formatOn(platform);
    for (const path of archived.entryPoints) {
      const found = archived.executables?.[path];
      if (found !== undefined && found !== expected)
        yield { file, title: `The program is ${found}, the archive is for ${platform}` };
    }
  },
};
