import { npmHighImpact } from 'npm-high-impact';
import type { AssessmentRule, AssessmentView, Hit } from '@sluice/inspection/inspect';

/** Names below this length are one edit away from dozens of honest ones. */
const lengthMin = 5;
/** Below this length another letter makes another word too often. */
const otherLetterMin = 6;
/** The list is sorted by impact; endings are added to the names that everybody knows. */
const wellKnownMax = 3_000;

const letters = Array.from('abcdefghijklmnopqrstuvwxyz0123456789-_.');
const endings = /[-_.]?(?:js|npm|node|lib|pkg|package|module|official|latest)$/;

const popular = new Set(npmHighImpact);
const targets = npmHighImpact.filter((name) => name.length >= lengthMin);
const targetSet = new Set(targets);
const wellKnown = new Set(targets.slice(0, wellKnownMax));
/** The first name in the list is the one that is meant. */
const bySkeleton = new Map(targets.toReversed().map((name) => [skeleton(name), name]));
const byWords = new Map(
  targets
    .toReversed()
    .filter((name) => wordsOf(name).length > 1)
    .map((name) => [wordKey(name), name]),
);
const scopes = new Set(npmHighImpact.flatMap((name) => scopeOf(name) ?? []));
const scopeBySkeleton = new Map([...scopes].map((scope) => [skeleton(scope), scope]));

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

/** The popular package that a name could be mistaken for, or null. A popular name is never an imitation. */
export function imitated(name: string): string | null {
  if (popular.has(name) || name.length < lengthMin) return null;
  return name.startsWith('@') ? imitatedInScope(name) : imitatedName(name);
}

function imitatedName(name: string): string | null {
  const alike = bySkeleton.get(skeleton(name)) ?? byWords.get(wordKey(name));
  if (alike !== undefined) return alike;
  const stem = name.replace(endings, '');
  if (stem !== name && wellKnown.has(stem)) return stem;
  return slips(name).find((slip) => targetSet.has(slip) && isOtherWord(slip, name)) ?? null;
}

/** Nobody but its owner publishes within a scope, so that only another scope than the popular one imitates it. */
function imitatedInScope(name: string): string | null {
  const scope = scopeOf(name)!;
  if (scopes.has(scope)) return null;
  const rest = name.slice(scope.length);
  const alike = scopeBySkeleton.get(skeleton(scope));
  const meant = [...(alike ? [alike] : []), ...slips(scope.slice(1)).map((slip) => `@${slip}`)];
  const found = meant.find((other) => scopes.has(other) && popular.has(other + rest));
  return found === undefined ? null : found + rest;
}

function scopeOf(name: string): string | null {
  return /^@[^/]+(?=\/)/.exec(name)?.[0] ?? null;
}

/** Separators and characters that look alike fall together. */
function skeleton(name: string): string {
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
function slips(name: string): string[] {
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
