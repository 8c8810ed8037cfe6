import { printable } from '@sluice/contracts';
import type { AssessmentRule, AssessmentView, Hit } from '@sluice/inspection/inspect';

export const publisherNew: AssessmentRule = {
  id: 'package.publisher-new',
  title: 'Published by another account than the version before',
  severity: 'low',
  tier: 'note',
  why: 'Teams take turns, and robots publish for them; beside a new hook or a new dependency it may be a taken-over package. Look at whether the account has published this package before.',
  *check({ registry: { gained, publisher } }: AssessmentView): Iterable<Hit> {
    if (!gained?.publisherBefore || publisher === null) return;
    const title = `Published by ${printable(publisher, 60)}, the version before by ${printable(gained.publisherBefore, 60)}`;
    yield { title, excerpt: `since ${printable(gained.since, 80)}` };
  },
};
