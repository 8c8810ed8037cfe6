import { printable } from '@sluice/contracts';
import type { ArchiveNote } from './read-tarball.ts';

/** Characters that a path is not seen to have: control, direction, zero width, private use, fillers. */
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/u;
/** Stands where bytes were no UTF-8. Some programs write the bytes, node-tar writes this character. */
const undecoded = '\ufffd';
/**
 * Names of devices, with any extension and with spaces before it.
 * Source: Microsoft, "Naming Files, Paths, and Namespaces".
 */
const device =
  /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3]) *(?:[.:].*)?$/i;
/** A colon begins a stream of another file; the others cannot be written at all, or are replaced. */
const forbidden = /[<>:"|?*]/;
/** Alias of a longer name, by which another entry's file can be reached. */
const shortAlias = /^[^.~]{1,6}~\d{1,5}(?:\.[^.]{0,3})?$/;

/** Properties of a path for which some systems or programs place its file under another name. */
export function pathOddities(path: string): Omit<ArchiveNote, 'path'>[] {
  const found: Omit<ArchiveNote, 'path'>[] = [];
  if (invisible.test(path)) found.push({ kind: 'invisible-path', detail: 'Invisible characters in a path.' });
  if (path.includes(undecoded)) found.push({ kind: 'path-encoding', detail: 'A path that is not UTF-8.' });
  const segment = path.split('/').find(isOtherOnWindows);
  if (segment !== undefined) {
    found.push({ kind: 'windows-path', detail: `${printable(segment, 100)} is another name on Windows.` });
  }
  return found;
}

function isOtherOnWindows(segment: string): boolean {
  if (segment === '.' || segment === '..') return false;
  return /[. ]$/.test(segment) || device.test(segment) || forbidden.test(segment) || shortAlias.test(segment);
}
