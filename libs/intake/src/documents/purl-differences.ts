import type { PurlRead } from '@sluice/contracts';
import type { Intake } from '../format.ts';
import type { Note } from '../item-collector.ts';
import { shown } from '../shown.ts';

/** Name and version as a document has them beside a purl. */
export interface NamedEntry {
  name: string | undefined;
  version: string | undefined;
}

/**
 * The name by which a package is looked up. Older rules for purls had names of some types in lower case; where the document has
 * the same name with capitals beside it, those letters count.
 */
export function nameOf({ name }: NamedEntry, read: PurlRead): string {
  const isLower = read.name === read.name.toLowerCase();
  return isLower && name?.toLowerCase() === read.name ? name : read.name;
}

/**
 * Notes on a name and a version beside a purl that differ from it. The purl says which package it is: another name is an alias, or
 * one for people. Another version leaves open which of the two there is, and so do other letters of a name whose case counts.
 * @param isTied by a pin or an address of the archive, which settle it.
 */
export function differencesOf(entry: NamedEntry, read: PurlRead, { names }: Intake, isTied: boolean): Note[] {
  const { name, version } = entry;
  const notes: Note[] = [];
  if (version !== undefined && read.version !== null && !isSame(version, read.version, names))
    notes.push(
      contradiction(
        `The document has the version ${shown(version)}, its package URL ${shown(read.version)}.`,
      ),
    );
  if (name === undefined) return notes;
  const [own, whole] = [names.canonicalName(name), names.canonicalName(read.name)];
  // Many tools leave the namespace out of the name.
  if (own === whole || own === whole.split('/').at(-1)) return notes;
  const message = `The document calls it ${shown(name)}, and its package URL ${shown(read.name)}.`;
  const isOtherCase = own.toLowerCase() === whole.toLowerCase();
  if (!isOtherCase) notes.push({ code: 'source.renamed', message });
  else if (!isTied) notes.push(contradiction(message));
  return notes;
}

function isSame(a: string, b: string, { compareVersions }: Intake['names']): boolean {
  return a === b || a === `v${b}` || compareVersions(a, b) === 0;
}

/** @param integrity with a pin, the bytes are those that are judged, and the address is only noted. */
export function strange(what: string, integrity: string | undefined): Note {
  return integrity === undefined
    ? { code: 'source.unpinned', message: `${what}, and no pin ties those bytes to what is judged.` }
    : { code: 'resolved.elsewhere', message: `${what}.` };
}

export const unclearHashes: Note = {
  code: 'integrity.unclear',
  message: 'Its hashes are not known to be of the archive: they are not compared.',
};

export function contradiction(message: string): Note {
  return { code: 'source.contradiction', message };
}
