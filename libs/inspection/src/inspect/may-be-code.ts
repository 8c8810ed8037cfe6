import { parse } from 'acorn';

/** Constructs that reach beyond the end of what was looked at. */
const openConstruct = /^(?:\/\*|["'`/])/;

/**
 * Whether the first characters of a file are the beginning of JavaScript, whatever the name of the file: prose, styles,
 * data and media fail within a few characters.
 * @param isWhole whether nothing follows.
 */
export function mayBeCode(head: string, isWhole: boolean): boolean {
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
