import { parseRegExpLiteral, type AST } from '@eslint-community/regexpp';

/** Shorter ones are everywhere. */
export const literalLengthMin = 3;
/** Spellings of a part that are told apart, such as the three kinds of quotes. */
const spellingsMax = 48;
const classMax = 6;

/**
 * Texts of which every match of a pattern contains at least one, in lower case; letters of either case may stand for
 * them.
 * @returns null for a pattern that can match without any text of `literalLengthMin` characters.
 */
export function requiredLiterals(pattern: RegExp): string[] | null {
  const literals = ofAlternatives(parseRegExpLiteral(pattern).pattern.alternatives);
  const distinct = [...new Set(literals ?? [])];
  const isNeeded = (literal: string) =>
    !distinct.some((other) => other !== literal && literal.includes(other));
  return literals && distinct.filter(isNeeded);
}

function ofAlternatives(alternatives: readonly AST.Alternative[]): string[] | null {
  const found = alternatives.map(ofSequence);
  return found.every((literals) => literals !== null) ? found.flat() : null;
}

/** The best of what the elements need, one after the other: long texts, and few of them. */
function ofSequence({ elements }: AST.Alternative): string[] | null {
  let best: string[] | null = null;
  const offer = (literals: string[] | null) => {
    if (literals && weight(literals) > weight(best)) best = literals;
  };
  let run = [''];
  for (const element of elements) {
    const spellings = spellingsOf(element);
    if (spellings && run.length * spellings.length <= spellingsMax) {
      run = run.flatMap((before) => spellings.map((spelling) => before + spelling));
      continue;
    }
    offer(run);
    offer(ofElement(element));
    run = spellings ?? [''];
  }
  offer(run);
  return best;
}

function weight(literals: readonly string[] | null): number {
  const shortest = Math.min(...(literals ?? ['']).map(({ length }) => length));
  return shortest < literalLengthMin ? 0 : shortest - (literals?.length ?? 0) / spellingsMax;
}

function ofElement(element: AST.Element): string[] | null {
  if (element.type === 'Quantifier') return element.min > 0 ? ofElement(element.element) : null;
  const isGroup = element.type === 'Group' || element.type === 'CapturingGroup';
  return isGroup ? ofAlternatives(element.alternatives) : null;
}

/** All texts that an element stands for; null when they are too many, or not known. */
function spellingsOf(element: AST.Element): string[] | null {
  switch (element.type) {
    case 'Assertion':
      return [''];
    case 'Character':
      return spell(element.value, element.value);
    case 'CharacterClass': {
      if (element.negate) return null;
      const parts = element.elements.map((part) =>
        part.type === 'Character'
          ? spell(part.value, part.value)
          : part.type === 'CharacterClassRange'
            ? spell(part.min.value, part.max.value)
            : null,
      );
      return parts.every((part) => part !== null) ? limited(parts.flat(), classMax) : null;
    }
    case 'Group':
    case 'CapturingGroup': {
      const parts = element.alternatives.map(({ elements }) => joined(elements.map(spellingsOf)));
      return parts.every((part) => part !== null) ? limited(parts.flat(), spellingsMax) : null;
    }
    case 'Quantifier': {
      const once = element.max <= 2 ? spellingsOf(element.element) : null;
      if (!once) return null;
      const times = Array.from({ length: element.max - element.min + 1 }, (_, more) => element.min + more);
      const parts = times.map((count) => joined(Array.from({ length: count }, () => once)));
      return parts.every((part) => part !== null) ? limited(parts.flat(), spellingsMax) : null;
    }
    default:
      return null;
  }
}

function joined(parts: readonly (string[] | null)[]): string[] | null {
  return parts.reduce<string[] | null>(
    (before, part) =>
      before &&
      part &&
      limited(
        before.flatMap((start) => part.map((end) => start + end)),
        spellingsMax,
      ),
    [''],
  );
}

function limited(spellings: string[], max: number): string[] | null {
  const distinct = [...new Set(spellings)];
  return distinct.length <= max ? distinct : null;
}

/** Characters outside of ASCII can have other characters for their other case. */
function spell(from: number, to: number): string[] | null {
  if (to > 0x7f || to - from >= classMax) return null;
  return Array.from({ length: to - from + 1 }, (_, at) => String.fromCharCode(from + at).toLowerCase());
}
