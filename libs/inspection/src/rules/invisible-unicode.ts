import type { FileRule, Hit } from './rule.ts';

/** Runs of variation selectors encode bytes that no font shows. A single one follows an emoji. */
const selectors = /(?:[\ufe00-\ufe0f]|\udb40[\udd00-\uddef]){8,}/;
const tags = /(?:\udb40[\udc20-\udc7f]){12,}/;
const zeroWidth = /(?:[\u200b\u200c\u2060\ufeff\u3164\uffa0]|\u200d){16,}/;
/** None of them is in Latin-1, as most code is. */
const beyondLatin1 = /[^\0-\xff]/;
/** Overrides and isolates of direction, without a newline to end them. */
const direction = /[\u202a-\u202e\u2066-\u2069]/g;

/** Texts for people, which may be in a language that is written from right to left. */
const written = /\.(?:json|ya?ml|html?|md|markdown|txt|po|properties|csv|xml|svg|arb|strings|ftl|resx)$/i;

export const invisibleUnicode: FileRule = {
  id: 'malware.invisible-unicode',
  title: 'Invisible characters in code',
  severity: 'high',
  tier: 'review',
  tierAtInstall: 'block',
  why: 'Code or data is written in characters that no editor shows, or shown in another order than it runs. Source: "Trojan Source" (CVE-2021-42574). Look at the file with a viewer that shows all characters.',
  *check(file): Iterable<Hit> {
    const { text } = file;
    if (!beyondLatin1.test(text)) return;
    const payload = selectors.exec(text) ?? tags.exec(text) ?? zeroWidth.exec(text);
    if (payload) {
      const runs = file.language !== 'other' && /\beval\b|\bFunction\b|runIn\w+Context|_compile/.test(text);
      yield { start: payload.index, ...(runs ? { tier: 'block', severity: 'critical' } : {}) };
      return;
    }
    if (written.test(file.path)) return;
    const first = [...text.matchAll(direction)].find(({ index }) => !isData(text, index));
    if (first) yield { start: first.index, title: 'Characters that change the direction of the shown code' };
  },
};

/** A lone character in quotes or a character class is data of an editor or a text library. */
function isData(text: string, index: number): boolean {
  const around = text.slice(Math.max(0, index - 3), index + 4);
  return (
    /['"`][\u202a-\u202e\u2066-\u2069]{1,2}['"`]/.test(around) ||
    /[[\-\\|][\u202a-\u202e\u2066-\u2069]|[\u202a-\u202e\u2066-\u2069][\]\-|]/.test(around)
  );
}
