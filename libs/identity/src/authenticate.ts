import { timingSafeEqual } from 'node:crypto';
import { roles, type Principal } from '@sluice/api';
import { PermanentError } from '@sluice/contracts';
import { isLoopbackHost } from '@sluice/runtime';
import { digestOf, readKeyText } from './api-key-text.ts';
import type { KnownKey } from './known-key.ts';
import { EndedKeyError } from './ended-key-error.ts';
import { heldBy } from './require-right.ts';
import { isSessionToken, sessionPrincipal, type SessionDoor } from './sessions/session-door.ts';

/** What a request shows of who sends it. */
export interface Credentials {
  authorization: string | undefined;
  /** Value of the session's cookie, which counts where no authorization is shown. */
  sessionCookie?: string | undefined;
  /** Address of the connection's other end; undefined for a request that came by none. */
  remoteAddress: string | undefined;
}

export type Authenticate = (credentials: Credentials) => Promise<Principal>;

/** A key as the record of keys has it. */
export interface FoundKey extends KnownKey {
  /** Null or left out for one that holds. */
  revokedAt?: Date | null;
}

export interface Doors<Key extends FoundKey = FoundKey> {
  findKey: (id: string) => Promise<Key | null> | Key | null;
  /** Called with each key that opened the door. */
  onUse?: (key: Key, now: Date) => Promise<void>;
  /** People who have signed in; undefined without a sign-in. */
  sessions?: SessionDoor | undefined;
  /** Also takes a key as the password of HTTP's Basic scheme, for programs that know no other. */
  takesBasic?: boolean;
  /** The key of this machine's user; undefined for none. */
  localKey: string | undefined;
  /** Whether a request without any key is the local user's. */
  isOpen: boolean;
  /** Name of the local user in the audit. */
  localName: string;
}

/**
 * Tells who sends a request: the local key, an API key, a session, or, where the door is open, nothing at all.
 * @throws PermanentError `access.unauthenticated`, `access.key-invalid`, `access.session-ended`.
 */
export function authenticator<Key extends FoundKey>({
  findKey,
  onUse,
  sessions,
  takesBasic = false,
  localKey,
  isOpen,
  localName,
}: Doors<Key>): Authenticate {
  const local: Principal = {
    id: `local:${localName}`,
    kind: 'local',
    name: localName,
    ...heldBy([{ roles: [...roles], scopes: null }]),
    keyId: null,
    sessionId: null,
  };
  return async ({ authorization, sessionCookie, remoteAddress }) => {
    const shown = keyOf(authorization, takesBasic);
    if (shown === null && sessions && sessionCookie !== undefined)
      return sessionPrincipal(sessions, 'browser', sessionCookie);
    if (shown === null) {
      if (isOpen) return local;
      throw new PermanentError('access.unauthenticated', 'The request has no key.');
    }
    if (localKey !== undefined && isSame(shown, localKey)) {
      if (isLoopback(remoteAddress)) return local;
      throw new PermanentError('access.key-invalid', 'The local key counts on this machine only.');
    }
    if (sessions && isSessionToken(shown)) return sessionPrincipal(sessions, 'command', shown);
    const key = readKeyText(shown);
    if (key === null)
      throw new PermanentError('access.key-invalid', 'The key is none of Sluice, or is cut off.');
    const found = await findKey(key.id);
    if (found === null || !isSame(found.digest, key.digest))
      throw new PermanentError('access.key-invalid', 'The key is not known.');
    const { revokedAt = null, expiresAt } = found;
    if (revokedAt !== null)
      throw new EndedKeyError(found.name, `The key ${key.id} was revoked at ${revokedAt.toISOString()}.`);
    const now = new Date();
    if (expiresAt <= now)
      throw new EndedKeyError(found.name, `The key ${key.id} expired at ${expiresAt.toISOString()}.`);
    await onUse?.(found, now);
    const { kind, name, roles: held, scopes } = found;
    return {
      id: `${kind}:${name}`,
      kind,
      name,
      ...heldBy([{ roles: held, scopes }]),
      keyId: key.id,
      sessionId: null,
    };
  };
}

/** The token of an Authorization header (RFC 6750, 2.1), or its password (RFC 7617); null without the header. */
function keyOf(authorization: string | undefined, takesBasic: boolean): string | null {
  if (authorization === undefined) return null;
  const [, scheme = '', value = ''] = /^(Bearer|Basic) +([^\s]{1,1000})$/i.exec(authorization.trim()) ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  const [, password] =
    takesBasic && scheme ? (/^[^:]*:(.*)$/s.exec(Buffer.from(value, 'base64').toString()) ?? []) : [];
  if (password) return password;
  const forms = takesBasic
    ? '"Bearer" with a key, or "Basic" with a key as the password'
    : '"Bearer" with a key';
  throw new PermanentError('access.key-invalid', `Authorization is not ${forms}.`);
}

/** Compares in a time that says nothing about where the texts differ. */
function isSame(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(digestOf(a), 'hex'), Buffer.from(digestOf(b), 'hex'));
}

/** A request within the process came by no connection at all. */
function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return true;
  // An IPv4 address of a server that listens for both.
  return isLoopbackHost(address.replace(/^::ffff:/i, ''));
}
