import { imitationsOf, type AssessmentRule, type AssessmentView, type Hit } from '@sluice/inspection/inspect';
import { popularNames } from './popular-names.ts';

const endings = /-?(?:py|python|lib|pkg|package|module|official|latest|sdk|dev)\d?$/;
/** Everybody knows all of the list. */
const wellKnownMax = 2_000;

/** The popular package that a name could be mistaken for, or null. */
export const imitated = imitationsOf({ popular: popularNames, endings, wellKnownMax });

export const typosquat: AssessmentRule = {
  id: 'malware.typosquat',
  title: 'The name imitates a popular package',
  severity: 'medium',
  tier: 'review',
  why: 'Names that differ from a popular one by a slip of the finger, a separator, an ending, the order of words or a look-alike character are registered to be installed by mistake. Look at whether the other package was meant, and at who publishes this one.',
  *check({ name }: AssessmentView): Iterable<Hit> {
    const target = imitated(name);
    if (target) yield { title: `The name imitates ${target}` };
  },
};
