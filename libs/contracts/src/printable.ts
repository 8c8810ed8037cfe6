/** Control, formatting, surrogate and unassigned characters, and separators other than the space. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Co}\p{Zl}\p{Zp}\u{fe00}-\u{fe0f}\u{e0100}-\u{e01ef}]/gu;

/**
 * Text of unknown origin as people may safely see it: one line, at most `lengthMax` characters, with control,
 * invisible and direction-changing characters escaped as `\u{…}`.
 */
export function printable(text: string, lengthMax: number): string {
  const escaped = text
    .slice(0, lengthMax)
    .replace(/[\t\r\n ]+/g, ' ')
    .replace(unprintable, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
  return text.length > lengthMax || escaped.length > lengthMax ? cut(escaped, lengthMax) : escaped;
}

function cut(text: string, lengthMax: number): string {
  // Not in the middle of a character that takes two units.
  return text.slice(0, lengthMax - 1).replace(/[\ud800-\udbff]$/, '') + '…';
}
