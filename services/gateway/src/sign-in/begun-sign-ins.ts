import { PermanentError } from '@sluice/contracts';
import { digestOf, newSecret, type BegunSignIn } from '@sluice/identity';
import type { Sql } from '@sluice/postgres';

/** People look for a password or a second factor meanwhile. */
export const begunSeconds = 600;

export interface RememberedSignIn extends BegunSignIn {
  returnPath: string;
  /** Digest of the invitation that it is for; null for none. */
  invitation: string | null;
}

/** @returns the value of the cookie by which the browser is known again. */
export async function rememberSignIn(own: Sql, begun: RememberedSignIn, now: Date): Promise<string> {
  const { text, digest } = newSecret();
  const { state, nonce, codeVerifier, returnPath, invitation } = begun;
  await own`delete from begun_sign_ins where expires_at < ${now}`;
  await own`
    insert into begun_sign_ins (digest, state, nonce, code_verifier, return_path, invitation, expires_at)
    values (${digest}, ${state}, ${nonce}, ${codeVerifier}, ${returnPath}, ${invitation},
      ${new Date(now.getTime() + begunSeconds * 1_000)})`;
  return text;
}

/**
 * Takes the sign-in that this browser began: it ends once, with success or without.
 * @throws PermanentError `access.sign-in-lost`.
 */
export async function takeSignIn(own: Sql, cookie: string | undefined, now: Date): Promise<RememberedSignIn> {
  const [begun] = cookie
    ? await own<(RememberedSignIn & { expiresAt: Date })[]>`
        delete from begun_sign_ins where digest = ${digestOf(cookie)}
        returning state, nonce, code_verifier as "codeVerifier", return_path as "returnPath", invitation, expires_at as "expiresAt"`
    : [];
  if (begun && begun.expiresAt > now) return begun;
  throw new PermanentError(
    'access.sign-in-lost',
    'The browser shows no sign-in that it began, or it ended before.',
  );
}
