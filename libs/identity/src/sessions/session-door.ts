import type { Grant, Principal } from '@sluice/api';
import { PermanentError } from '@sluice/contracts';
import { digestOf } from '../api-key-text.ts';
import { EndedKeyError } from '../ended-key-error.ts';
import { heldBy } from '../require-right.ts';
import { sessionTokenPrefix } from './session-text.ts';

/** `browser`: a cookie. `command`: a token that the command line shows. Neither counts in the other's place. */
export type SessionKind = 'browser' | 'command';

/** A session as the record of sessions has it. */
export interface FoundSession {
  id: string;
  kind: SessionKind;
  /** Of the person. */
  name: string;
  grants: Grant[];
  lastUsedAt: Date;
  expiresAt: Date;
  endedAt: Date | null;
}

export interface SessionDoor {
  /** @param digest SHA-256 of the cookie or the token, as hex. */
  findSession: (digest: string) => Promise<FoundSession | null>;
  /** Called with each session that opened the door. */
  onUse: (session: FoundSession, now: Date) => Promise<void>;
  /** A session that is not used for so long has ended. */
  idleMs: number;
}

/** A cookie or a token has some 50 characters. */
const textMaxChars = 200;

export const isSessionToken = (text: string): boolean => text.startsWith(sessionTokenPrefix);

/**
 * The person of a session.
 * @throws PermanentError `access.session-ended` for one that is not known, has ended, expired or was idle.
 */
export async function sessionPrincipal(
  { findSession, onUse, idleMs }: SessionDoor,
  kind: SessionKind,
  text: string,
): Promise<Principal> {
  const found = text.length > textMaxChars ? null : await findSession(digestOf(text));
  if (found === null || found.kind !== kind)
    throw new PermanentError('access.session-ended', 'The session is not known.');
  const now = new Date();
  const { id, name, grants } = found;
  const why = endOf(found, idleMs, now);
  if (why !== null) throw new EndedKeyError(name, `The session ${why}.`, 'access.session-ended');
  await onUse(found, now);
  return { id: `person:${name}`, kind: 'person', name, ...heldBy(grants), keyId: null, sessionId: id };
}

/** Why a session holds no more; null while it does. Pure. */
export function endOf(
  { endedAt, expiresAt, lastUsedAt }: FoundSession,
  idleMs: number,
  now: Date,
): string | null {
  if (endedAt !== null) return `was ended at ${endedAt.toISOString()}`;
  if (expiresAt <= now) return `expired at ${expiresAt.toISOString()}`;
  const idleAt = new Date(lastUsedAt.getTime() + idleMs);
  return idleAt <= now ? `was not used since ${lastUsedAt.toISOString()}` : null;
}
