import type { FileRule, Hit } from './rule.ts';

const mangledMin = 40;
const distinctMin = 12;
/** Escapes of characters that need none; tables of escaped bytes are mostly outside of this range. */
const escapedMin = 150;
/** Shorter runs end deeply nested calls. */
const symbolsMin = 400;

export const obfuscation: FileRule = {
  id: 'malware.obfuscation',
  title: 'Obfuscated code',
  severity: 'medium',
  tier: 'review',
  tierAtInstall: 'block',
  why: 'Minifiers shorten names; obfuscators replace them by `_0x…`, hide texts in rotated tables or escape plain letters. Open-source packages have nothing to hide, so somebody should look.',
  *check(file): Iterable<Hit> {
    if (file.language !== 'javascript') return;
    const { text } = file;
    const mangled = text.match(/\b_0x[0-9a-f]{4,6}\b/g) ?? [];
    if (mangled.length >= mangledMin && new Set(mangled).size >= distinctMin) {
      yield { start: text.indexOf(mangled[0]!), title: 'Obfuscated code: names of the form _0x…' };
      return;
    }
    const escaped = text.match(/\\x(?:[46][1-9a-f]|[57][0-9a]|3[0-9])/gi) ?? [];
    if (escaped.length >= escapedMin && escaped.length * 4 > text.length * 0.08) {
      yield { start: text.search(/\\x[3-7]/), title: 'Obfuscated code: plain letters written as escapes' };
      return;
    }
    const start = findSymbols(text);
    if (start !== null) yield { start, title: 'Obfuscated code: only brackets and operators' };
  },
};

/**
 * Where the first run of `symbolsMin` brackets and operators begins, or null. A run that long covers one of the
 * positions that are looked at; a pattern would try each, and take a thirtieth of the time of a whole scan.
 */
function findSymbols(text: string): number | null {
  for (let at = symbolsMin - 1; at < text.length; at += symbolsMin) {
    if (!isSymbol(text, at)) continue;
    let start = at;
    while (isSymbol(text, start - 1)) start -= 1;
    let end = at;
    while (end - start < symbolsMin && isSymbol(text, end)) end += 1;
    if (end - start >= symbolsMin) return start;
  }
  return null;
}

function isSymbol(text: string, at: number): boolean {
  return at >= 0 && at < text.length && '[]()!+'.includes(text[at]!);
}
