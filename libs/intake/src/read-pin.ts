import { PermanentError, readIntegrity, type PinsRead } from '@sluice/contracts';
import { shown } from './shown.ts';

/** A base64 SHA-512 has 95 characters; several may stand beside each other. */
const integrityMaxChars = 1_000;

/**
 * The pin of a lockfile's entry, for formats that pin the one file of a package version with an integrity.
 * @param integrity a Subresource Integrity string; undefined: no pin.
 * @param path place of the entry, for the message.
 * @throws PermanentError `lockfile.invalid` for an absurdly long one.
 */
export function readPin(integrity: string | undefined, path: string): PinsRead {
  if (integrity === undefined) return { pins: [], note: null };
  if (integrity.length > integrityMaxChars) {
    throw new PermanentError('lockfile.invalid', `The integrity at "${shown(path)}" is too long.`);
  }
  return readIntegrity(integrity);
}
