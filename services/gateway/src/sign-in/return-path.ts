/** Where a sign-in ends unless it was asked for elsewhere: the console. */
export const homePath = '/';
const pathMaxChars = 2_000;

/**
 * The path on this site where the browser goes after a sign-in. An address of another site, in any way it can be
 * written, is none: a link to the sign-in could else lead people away from it. Pure.
 */
export function returnPath(asked: string | undefined): string {
  if (asked === undefined || asked.length > pathMaxChars || !/^\/(?![/\\])[\x21-\x7e]*$/.test(asked))
    return homePath;
  const base = 'https://sluice.invalid';
  if (!URL.canParse(asked, base)) return homePath;
  const { origin, pathname, search, hash } = new URL(asked, base);
  // A path of dots may come to two slashes, which is the beginning of another host.
  return origin === base && !pathname.startsWith('//') ? pathname + search + hash : homePath;
}
