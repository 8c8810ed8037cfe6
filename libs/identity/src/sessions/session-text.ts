import { randomBytes } from 'node:crypto';
import { digestOf } from '../api-key-text.ts';

/** Before the token of a command line: a form that scanners of repositories for secrets can look for. */
export const sessionTokenPrefix = 'sls_';

/** A text that opens a door, of which only the digest is kept. */
export interface Secret {
  text: string;
  /** SHA-256 of the text, as hex. */
  digest: string;
}

/** Makes a secret of 256 random bits, as base64url behind the prefix. */
export function newSecret(prefix = ''): Secret {
  const text = prefix + randomBytes(32).toString('base64url');
  return { text, digest: digestOf(text) };
}
