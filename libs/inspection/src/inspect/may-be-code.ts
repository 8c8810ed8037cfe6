import { parse } from 'acorn';

/** Data, markup and headings, which the parser would refuse as well, at twenty times the cost: most files begin like this. */
const otherText = /^\s*(?:\{\s*"(?:[^"\\\n]|\\.){0,200}"\s*:|<[a-z?]|#[^!])/i;
/** Constructs that reach beyond the end of what was looked at. */
const openConstruct = /^(?:\/\*|["'`/])/;

/**
 * Whether the first characters of a file are the beginning of JavaScript, whatever the name of the file: prose, styles,
 * data and media fail within a few characters.
 * @param isWhole whether nothing follows.
 */
export function mayBeCode(head: string, isWhole: boolean): boolean {
  if (otherText.test(head)) return false;
  return ['module', 'script'].some((sourceType) => {
    try {
      parse(head, {
        ecmaVersion: 'latest',
        sourceType: sourceType as 'module' | 'script',
        allowHashBang: true,
        allowReturnOutsideFunction: true,
        allowAwaitOutsideFunction: true,
        checkPrivateFields: false,
      });
      return true;
    } catch (error) {
      if (isWhole) return false;
      const { pos } = error as { pos?: number };
      return pos !== undefined && (pos >= head.length - 1 || openConstruct.test(head.slice(pos)));
    }
  });
}
