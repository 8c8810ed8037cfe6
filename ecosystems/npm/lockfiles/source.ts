import { nameOneContent, readIntegrity } from '@sluice/contracts';
import type { ItemSource, Note, RegistriesOf, SourceCode } from '@sluice/intake';
import { readAddress, strangerOf, type NpmAddress } from './address.ts';
import { checkNpmName, checkVersionLength, isExactVersion, isNpmName } from '../name.ts';
import { placeKind, readAlias } from './spec.ts';

export interface NpmEntry {
  name: string;
  version: string | undefined;
  resolved: string | undefined;
  integrity: string | undefined;
}

const foreignMessages = {
  'source.git': 'It comes from a git repository, not from a registry.',
  'source.file': 'It comes from a file or folder beside the project.',
};

/** The note on a package version that the project patches: the patch is code of the project. */
export const patchedNote: Note = {
  code: 'source.patched',
  message: 'The project changes it with a patch of its own.',
};

/**
 * Determines the package version that an entry installs. Sluice never fetches from an address in a lockfile: a package version is
 * taken from the configured registry by name and version, and everything else is listed with the reason.
 *
 * Name and version of the entry identify it, and its address is checked against them. An address that names another
 * package version wins, because an installer takes the bytes from there; the contradiction is noted. Without a pin
 * that can be compared, nothing ties the bytes of a strange address to those that are judged: `source.unpinned`.
 * @param registriesOf see `strangerOf`.
 */
export function npmSource(
  { name, version: spec, resolved, integrity }: NpmEntry,
  registriesOf: RegistriesOf,
): ItemSource {
  if (spec === undefined) return elsewhere('source.no-version', 'The lockfile states no version.');
  const kinds = [placeKind(spec), resolved === undefined ? null : placeKind(resolved)];
  if (kinds.includes('git')) return foreign('source.git');
  if (kinds.includes('file')) return foreign('source.file');
  const pinned = integrity !== undefined && nameOneContent(readIntegrity(integrity).pins);
  if (kinds[0] === 'url') {
    if (resolved !== undefined && resolved !== spec)
      return elsewhere('source.url', 'It has two addresses, and installers differ over which one counts.');
    const address = readAddress(spec);
    if (address.kind !== 'tarball' || !isExactVersion(address.version))
      return elsewhere('source.url', 'It comes from an address that is no registry tarball.');
    return fromAddress(address, { name, version: address.version }, pinned, registriesOf);
  }
  const listed = readAlias(spec) ?? { name, version: spec };
  if (!isExactVersion(listed.version) || !isNpmName(listed.name))
    return elsewhere('source.version', 'Its version is a range, a tag or no version: installers choose one.');
  if (resolved === undefined) return { kind: 'registry', ...listed, notes: [] };
  return fromAddress(readAddress(resolved), listed, pinned, registriesOf);
}

function fromAddress(
  address: NpmAddress,
  listed: { name: string; version: string },
  pinned: boolean,
  registriesOf: RegistriesOf,
): ItemSource {
  if (address.kind === 'unreadable') return elsewhere('source.url', 'Its address cannot be read.');
  if (address.kind === 'unknown' && !pinned)
    return elsewhere('source.url', 'It comes from an address that is no registry tarball.');
  const name = address.kind === 'tarball' ? address.name : listed.name;
  const stranger = strangerOf(address.url, name, registriesOf);
  const notes: Note[] = [];
  if (stranger !== null && !pinned) {
    const message = `Its address ${stranger}, and no pin ties those bytes to what is judged.`;
    notes.push({ code: 'source.unpinned', message });
  } else if (stranger !== null) {
    notes.push({ code: 'resolved.elsewhere', message: `Its address ${stranger}.` });
  }
  if (address.kind === 'unknown') {
    // The pin settles whether these are the bytes of that package version.
    notes.push({ code: 'resolved.unusual', message: 'Its address has no shape that registries use.' });
    return { kind: 'registry', ...listed, notes };
  }
  const { version } = address;
  if (name === listed.name && version === listed.version) return { kind: 'registry', ...listed, notes };
  if (!isExactVersion(version) || !isNpmName(name))
    return elsewhere('source.url', 'Its address names no version of a package.');
  const message = `Listed as ${listed.name}@${listed.version}, but its address is that of ${name}@${version}.`;
  notes.push({ code: 'source.contradiction', message });
  return { kind: 'registry', name, version, notes };
}

/** The source of an entry from a git repository, or from beside the project. */
export function foreign(code: keyof typeof foreignMessages): ItemSource {
  return elsewhere(code, foreignMessages[code]);
}

/**
 * Refuses a name or a version that npm could not have installed.
 * @param where the entry, for the message.
 * @throws PermanentError `input.invalid`.
 */
export function checkSource(source: ItemSource, where: string): void {
  if (source.kind !== 'registry') return;
  checkNpmName(source.name, where);
  checkVersionLength(source.version, where);
}

export function elsewhere(code: SourceCode, message: string): ItemSource {
  return { kind: 'elsewhere', code, message };
}
