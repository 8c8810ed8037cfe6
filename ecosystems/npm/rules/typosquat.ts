import { npmHighImpact } from 'npm-high-impact';
import type { AssessmentRule, AssessmentView, Hit } from '@sluice/inspection/inspect';

/** Names below this length are one edit away from dozens of honest ones. */
const lengthMin = 5;
/** The list is sorted by impact; only widely installed packages are imitated. */
const targetsMax = 3_000;

const popular = new Set(npmHighImpact);
const targets = npmHighImpact.slice(0, targetsMax).filter((name) => name.length >= lengthMin);
const bySkeleton = new Map(targets.toReversed().map((name) => [skeleton(name), name]));
const targetSet = new Set(targets);

export const typosquat: AssessmentRule = {
  id: 'malware.typosquat',
  title: 'The name imitates a popular package',
  severity: 'medium',
  tier: 'review',
  why: 'Names that differ from a popular one by a slip of the finger, a separator or a look-alike character are registered to be installed by mistake.',
  *check({ name }: AssessmentView): Iterable<Hit> {
    const target = imitated(name);
    if (target) yield { title: `The name imitates ${target}` };
  },
};

/** The popular package that a name could be mistaken for, or null. A popular name is never an imitation. */
export function imitated(name: string): string | null {
  if (popular.has(name) || name.startsWith('@') || name.length < lengthMin) return null;
  const alike = bySkeleton.get(skeleton(name));
  if (alike && alike !== name) return alike;
  return slips(name).find((slip) => targetSet.has(slip)) ?? null;
}

/** Separators and characters that look alike fall together. */
function skeleton(name: string): string {
  return name
    .toLowerCase()
    .replace(/[-_.]/g, '')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
    .replace(/[01]/g, (digit) => (digit === '0' ? 'o' : 'l'));
}

/** Names that lead to this one by one slip: a key twice, one too many or too few, or two in the wrong order. */
function slips(name: string): string[] {
  const meant: string[] = [];
  for (let i = 0; i < name.length; i += 1) {
    // A letter in front makes a word of its own, as in mpromise; a key hit twice there is found at the second letter.
    if (i > 0 || !/^[a-z]/i.test(name)) meant.push(name.slice(0, i) + name.slice(i + 1));
    if (i + 1 < name.length) meant.push(name.slice(0, i) + name[i + 1] + name[i] + name.slice(i + 2));
    meant.push(name.slice(0, i) + name[i] + name.slice(i));
  }
  // Numbers tell generations of a package apart, and a plural is a word of its own.
  return meant.filter((slip) => slip.length >= lengthMin && withoutVersion(slip) !== withoutVersion(name));
}

function withoutVersion(name: string): string {
  return name.replace(/[\d.]+$|s$/g, '');
}
