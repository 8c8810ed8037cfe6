import type { AssessmentRule, AssessmentView, Hit } from './rule.ts';

/** Names below this length are one edit away from dozens of honest ones. */
const lengthMin = 5;
/** Below this length another letter makes another word too often. */
const otherLetterMin = 6;

const letters = Array.from('abcdefghijklmnopqrstuvwxyz0123456789-_.');

export interface ImitationOptions {
  /** Most popular first: the first one that a name looks like is the one that is meant. */
  popular: readonly string[];
  /** Endings that are added to the names that everybody knows. */
  endings: RegExp;
  /** How many of the names everybody knows. */
  wellKnownMax: number;
}

/**
 * Finds the popular name that another one could be mistaken for: by a slip of the finger, a separator, an ending, the order of words or a
 * character that looks alike.
 * @returns a function that gives that name, or null. A popular name is never an imitation.
 */
export function imitationsOf({
  popular,
  endings,
  wellKnownMax,
}: ImitationOptions): (name: string) => string | null {
  const known = new Set(popular);
  const targets = popular.filter((name) => name.length >= lengthMin);
  const targetSet = new Set(targets);
  const wellKnown = new Set(targets.slice(0, wellKnownMax));
  const bySkeleton = new Map(targets.toReversed().map((name) => [skeletonOf(name), name]));
  const byWords = new Map(
    targets
      .toReversed()
      .filter((name) => wordsOf(name).length > 1)
      .map((name) => [wordKey(name), name]),
  );
  return (name) => {
    if (known.has(name) || name.length < lengthMin) return null;
    const alike = bySkeleton.get(skeletonOf(name)) ?? byWords.get(wordKey(name));
    if (alike !== undefined) return alike;
    const stem = name.replace(endings, '');
    if (stem !== name && wellKnown.has(stem)) return stem;
    return slipsOf(name).find((slip) => targetSet.has(slip) && isOtherWord(slip, name)) ?? null;
  };
}

/** Separators and characters that look alike fall together. */
export function skeletonOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[-_./@]/g, '')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
    .replace(/[01]/g, (digit) => (digit === '0' ? 'o' : 'l'));
}

function wordsOf(name: string): string[] {
  return name.split(/[-_./@]+/).filter((word) => word !== '');
}

/** Equal for names of the same words in any order. */
function wordKey(name: string): string {
  return wordsOf(name).toSorted().join(' ');
}

/** Names that lead to this one by one slip: a letter too many, too few or another, or two in the wrong order. */
export function slipsOf(name: string): string[] {
  const meant: string[] = [];
  for (let i = 0; i <= name.length; i += 1) {
    const [before, at, after] = [name.slice(0, i), name[i] ?? '', name.slice(i + 1)];
    // A letter in front makes a word of its own, as in mpromise and preact.
    const isWord = i === 0 && /^[a-z]/i.test(name);
    if (at !== '' && (!isWord || name[0] === name[1])) meant.push(before + after);
    if (after !== '') meant.push(before + after[0] + at + after.slice(1));
    for (const letter of letters) {
      meant.push(before + letter + at + after);
      if (at !== '' && i > 0 && name.length >= otherLetterMin) meant.push(before + letter + after);
    }
  }
  return meant;
}

/** Numbers tell generations of a package apart. */
function isOtherWord(name: string, other: string): boolean {
  return withoutNumbers(name) !== withoutNumbers(other);
}

function withoutNumbers(name: string): string {
  return name.replace(/(?<=.)[-_.]?\d[\d.]*/g, '');
}

/**
 * The rule that a name imitates a popular one, for an ecosystem.
 * @param imitated the popular name that a name could be mistaken for, or null.
 */
export function typosquatRule(imitated: (name: string) => string | null): AssessmentRule {
  return {
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
}
