import { z } from 'zod';
import {
  contentAlgorithms,
  integrityAlgorithms,
  parseHashes,
  strongestOf,
  type ByteDigests,
} from './integrity.ts';

/** A hash that a lockfile pins: a file of the package version must have it. The form is that of a file's `hashes`. */
export const pinSchema = z.object({
  algorithm: z.enum([...integrityAlgorithms, ...contentAlgorithms]),
  /** Lower case. */
  hex: z.string(),
});
export type Pin = z.infer<typeof pinSchema>;

/** Hashes that a lockfile pins, and the note on the part of the pin that is not understood. */
export interface PinsRead {
  pins: Pin[];
  note: { code: 'integrity.unreadable'; message: string } | null;
}

/**
 * Reads the integrity that a lockfile pins one file with. Two integrities get a note, because neither restricts the bytes as
 * it was meant to: one with a part that is not understood (`sha3-…`, a truncated hash), and one with hashes of several
 * contents, of which an installer may take another than the one that was compared.
 * @param integrity a Subresource Integrity string.
 */
export function readIntegrity(integrity: string): PinsRead {
  const pins = parseHashes(integrity);
  const tokens = integrity.split(/\s+/).filter((token) => token !== '');
  if (pins.length === tokens.length && nameOneContent(pins)) return { pins, note: null };
  return { pins, note: unreadable(`"${integrity.slice(0, 100)}"`) };
}

/** The note on a pin that is not understood, or that nothing can be compared with. */
export function unreadable(pin: string): NonNullable<PinsRead['note']> {
  return { code: 'integrity.unreadable', message: `The pin ${pin} cannot be compared with the bytes.` };
}

/** Whether the pins tie down the bytes of one file. */
export function nameOneContent(pins: Pin[]): boolean {
  return new Set(strongestOf(pins).map(({ hex }) => hex)).size === 1;
}

/**
 * The pins that decide: those of the strongest algorithm. A lockfile with content hashes has them as alternatives to the hashes of
 * archives, since its installer takes a file that has any of them. Source: Terraform, "Dependency Lock File".
 */
export function decisivePins(pins: readonly Pin[]): Pin[] {
  const isContent = ({ algorithm }: Pin) => (contentAlgorithms as readonly string[]).includes(algorithm);
  return pins.some(isContent) ? [...strongestOf(pins), ...pins.filter(isContent)] : strongestOf(pins);
}

/** Whether a file has the hash of a pin; null when no digest of that algorithm is known of it. */
export function hasPin(file: ByteDigests, { algorithm, hex }: Pin): boolean | null {
  const found = file[algorithm];
  if (found === undefined) return null;
  return typeof found === 'string' ? found.toLowerCase() === hex : found.includes(hex);
}

/**
 * Compares pins with the files of a package version. Only the strongest algorithm counts: a weak hash that fits cannot
 * make up for a strong one that does not. Several hashes of it are alternatives, and one file has to have one of them.
 * Source: W3C Subresource Integrity §3.3.
 * @param files digests of the files that were assessed.
 * @returns `unreadable` when no file has a digest of that algorithm.
 */
export function comparePins(pins: Pin[], files: ByteDigests[]): 'match' | 'mismatch' | 'unreadable' {
  const results = decisivePins(pins).map((pin) => files.map((file) => hasPin(file, pin)));
  if (results.some((ofPin) => ofPin.includes(true))) return 'match';
  // A pin that no file can be compared with may be the one that fits.
  const areAllKnown = results.every((ofPin) => ofPin.includes(false));
  return results.length > 0 && areAllKnown ? 'mismatch' : 'unreadable';
}
