import { printable } from '@sluice/contracts';
import type { Hit } from '@sluice/inspection/inspect';
import type { NpmContents, NpmPackageRule } from '../contents.ts';

export const manifestUnreadable: NpmPackageRule = {
  id: 'archive.manifest-unreadable',
  title: 'The archive has no usable package.json',
  severity: 'medium',
  tier: 'review',
  why: 'npm cannot install it, or other programs read something else in it, so what runs at install cannot be told.',
  *check(contents: NpmContents): Iterable<Hit> {
    for (const { folder, problem } of contents.packages) {
      if (problem) {
        const title = `The package.json in the archive cannot be relied on: ${printable(problem, 120)}`;
        yield { file: `${folder}package.json`, title };
      }
    }
  },
};
