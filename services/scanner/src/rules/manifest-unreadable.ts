import type { Hit, PackageContents, PackageRule } from './rule.ts';

export const manifestUnreadable: PackageRule = {
  id: 'archive.manifest-unreadable',
  title: 'The archive has no usable package.json',
  severity: 'medium',
  tier: 'review',
  why: 'npm cannot install it, and what would run at install cannot be told.',
  *check(contents: PackageContents): Iterable<Hit> {
    if (contents.manifestProblem) yield { file: 'package.json', title: contents.manifestProblem };
  },
};
