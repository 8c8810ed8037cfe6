/** Set in the hash of a word behind a dot. */
export const memberMark = 1 << 29;

/** A number for a word, below `memberMark`. Two words may have the same. */
export function wordHash(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at += 1) hash = nextHash(hash, text.charCodeAt(at));
  return hash;
}

/** The hash of a word with one more character. */
export function nextHash(hash: number, code: number): number {
  return (Math.imul(hash, 31) + code) & (memberMark - 1);
}

/** Letters, digits, `_`, `$`, `#`, and all that is not ASCII. */
const wordParts = new Uint8Array(0x80);
for (let code = 0; code < 0x80; code += 1) wordParts[code] = /[\w$#]/.test(String.fromCharCode(code)) ? 1 : 0;

export function isWordPart(code: number): boolean {
  return code >= 0x80 || wordParts[code] === 1;
}
