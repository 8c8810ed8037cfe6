import { readFile } from 'node:fs/promises';
import { PermanentError } from '@sluice/contracts';
import { z } from 'zod';
import type { GitAddress } from './address.ts';

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be small letters, digits and hyphens');
const entry = z.strictObject({
  /** `git.example`, with a port where the address has one. */
  host: z.string().min(1),
  /** Scopes whose projects may use it; all unless given. */
  scopes: z.array(z.string()).optional(),
  /** User name beside a token; most hosts take any. */
  user: z
    .string()
    .regex(/^[^:\s]+$/)
    .optional(),
  tokenFile: z.string().optional(),
  keyFile: z.string().optional(),
  knownHostsFile: z.string().optional(),
});
const isComplete = ({ tokenFile, keyFile, knownHostsFile }: z.infer<typeof entry>) =>
  (tokenFile === undefined) !== (keyFile === undefined) &&
  (keyFile === undefined) === (knownHostsFile === undefined);
const document = z.record(
  name,
  entry.refine(isComplete, 'has either a tokenFile, or a keyFile and a knownHostsFile'),
);

export type GitCredentials = z.infer<typeof document>;
export type GitCredential = GitCredentials[string];

/**
 * Reads the operator's document of credentials, which names files and holds no secret itself. Pure.
 * @throws PermanentError `config.invalid`.
 */
export function parseGitCredentials(text: string | undefined): GitCredentials {
  if (text === undefined || text.trim() === '') return {};
  try {
    return document.parse(JSON.parse(text));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : 'it is no JSON';
    throw new PermanentError('config.invalid', `GIT_CREDENTIALS: ${why}.`, { cause });
  }
}

/**
 * The credential of a name, for a project of a scope at an address. Pure.
 * @throws PermanentError `git.credential-not-usable` for another host, protocol or scope than its own, and for none of the name.
 */
export function credentialFor(
  credentials: GitCredentials,
  named: string | null,
  { address, scope }: { address: GitAddress; scope: string },
): GitCredential | null {
  if (named === null) return null;
  const found = Object.hasOwn(credentials, named) ? credentials[named]! : null;
  const isFor =
    found !== null &&
    found.host.toLowerCase() === address.host.toLowerCase() &&
    (found.scopes?.includes(scope) ?? true) &&
    (found.keyFile !== undefined) === (address.protocol === 'ssh');
  // One answer for all: which credentials there are, and for which host, is the operator's to know.
  if (!isFor)
    throw new PermanentError(
      'git.credential-not-usable',
      `The credential ${named} is none that ${address.protocol}://${address.host} takes in the scope ${scope}.`,
    );
  return found;
}

/** The secret of a credential's file, without the line's end. @throws PermanentError `git.credential-not-usable`. */
export async function readToken(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new PermanentError('git.credential-not-usable', 'The file of the credential cannot be read.', {
      cause,
    });
  });
  const token = text.trim();
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new PermanentError('git.credential-not-usable', 'The file of the credential has no token.');
  return token;
}
