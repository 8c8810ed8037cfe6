import { npmHighImpact } from 'npm-high-impact';
import { printable } from '@sluice/contracts';
import type { AssessmentRule, AssessmentView, Hit } from '@sluice/inspection/inspect';

/** Most malicious packages are found out and gone within two weeks. */
const youngMs = 14 * 24 * 60 * 60 * 1_000;
const popular = new Set(npmHighImpact);

export const gainedDependency: AssessmentRule = {
  id: 'malware.gained-dependency',
  title: 'Gained a dependency that is new to the registry itself',
  severity: 'high',
  tier: 'review',
  why: 'Taken-over packages are given a dependency that was published for it days or hours before, so that their own code stays clean. Look at the dependency, and at whether anything in this version uses it.',
  *check({ registry: { gained, publishedAt } }: AssessmentView): Iterable<Hit> {
    for (const { name, firstSeenAt } of gained?.dependencies ?? []) {
      // A time that nobody states may be of today; that of a popular name is not.
      const ageMs =
        publishedAt === null || firstSeenAt === null ? 0 : Date.parse(publishedAt) - Date.parse(firstSeenAt);
      if (popular.has(name) || ageMs > youngMs) continue;
      const age = firstSeenAt === null ? 'at an unknown time' : `on ${firstSeenAt.slice(0, 10)}`;
      yield {
        file: 'package.json',
        title: `Gained the dependency ${printable(name, 80)}, first published ${age}`,
        excerpt: `since ${printable(gained!.since, 80)}`,
      };
    }
  },
};
