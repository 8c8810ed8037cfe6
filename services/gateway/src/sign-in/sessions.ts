import type { Grant, Session } from '@sluice/api';
import { PermanentError, uuidV7 } from '@sluice/contracts';
import { recordAudit } from '@sluice/delivery';
import {
  digestOf,
  newSecret,
  sessionTokenPrefix,
  type FoundSession,
  type SessionDoor,
  type SessionKind,
} from '@sluice/identity';
import type { Sql, Tx } from '@sluice/postgres';

/** How exactly the last use is known: a row that is written at each request would be busy. */
const usedEveryMs = 60_000;
/** A session that has ended is shown for a while, and is then of no use to anybody. */
const shownAfterEndMs = 30 * 86_400_000;
const userAgentMaxChars = 300;

export interface SessionWish {
  kind: SessionKind;
  person: { id: string; name: string };
  grants: readonly Grant[];
  expiresAt: Date;
  address: string | undefined;
  userAgent: string | undefined;
}

/** Begins a session. @returns its id, and the cookie or the token, which is kept nowhere. */
export async function beginSession(
  tx: Tx,
  { kind, person, grants, expiresAt, address, userAgent }: SessionWish,
  now: Date,
): Promise<{ id: string; text: string }> {
  const { text, digest } = newSecret(kind === 'command' ? sessionTokenPrefix : '');
  const id = uuidV7(now.getTime());
  await tx`delete from sessions where expires_at < ${new Date(now.getTime() - shownAfterEndMs)}`;
  await tx`
    insert into sessions (digest, id, kind, person, grants, created_at, last_used_at, expires_at, address, user_agent)
    values (${digest}, ${id}, ${kind}, ${person.id}, ${JSON.stringify(grants)}::text::jsonb, ${now}, ${now}, ${expiresAt},
      ${address ?? null}, ${userAgent?.slice(0, userAgentMaxChars) ?? null})`;
  return { id, text };
}

async function findSession(own: Sql, digest: string): Promise<FoundSession | null> {
  const [row] = await own<FoundSession[]>`
    select s.id, s.kind, p.name, s.grants, s.last_used_at as "lastUsedAt", s.expires_at as "expiresAt",
      s.ended_at as "endedAt"
    from sessions s join people p on p.id = s.person where s.digest = ${digest}`;
  return row ?? null;
}

/** The sessions of a database, as the authenticator asks for them. */
export function sessionDoor(own: Sql, idleMs: number): SessionDoor {
  return {
    findSession: (digest) => findSession(own, digest),
    onUse: (session, now) => noteSessionUse(own, session, now),
    idleMs,
  };
}

/** Notes that a session is used now, once a minute at most. */
async function noteSessionUse(
  own: Sql,
  { id, lastUsedAt }: Pick<FoundSession, 'id' | 'lastUsedAt'>,
  now: Date,
): Promise<void> {
  if (now.getTime() - lastUsedAt.getTime() < usedEveryMs) return;
  await own`update sessions set last_used_at = ${now} where id = ${id}`;
}

/** The sessions of a person that hold, newest first. */
export async function listSessions(own: Sql, name: string, idleMs: number, now: Date): Promise<Session[]> {
  type Row = Omit<Session, 'createdAt' | 'lastUsedAt' | 'expiresAt'> &
    Record<'createdAt' | 'lastUsedAt' | 'expiresAt', Date>;
  const rows = await own<Row[]>`
    select s.id, s.kind, s.created_at as "createdAt", s.last_used_at as "lastUsedAt", s.expires_at as "expiresAt",
      s.address, s.user_agent as "userAgent"
    from sessions s join people p on p.id = s.person
    where p.name = ${name} and s.ended_at is null and s.expires_at > ${now}
      and s.last_used_at > ${new Date(now.getTime() - idleMs)}
    order by s.created_at desc, s.id desc limit 500`;
  return rows.map((row) => ({
    ...row,
    createdAt: row.createdAt.toISOString(),
    lastUsedAt: row.lastUsedAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
  }));
}

/**
 * Ends a session of a person, and records it; one that has ended stays as it is.
 * @throws PermanentError `access.session-not-found` for one of another person.
 */
export async function endSession(tx: Tx, name: string, id: string, now: Date): Promise<void> {
  const [found] = await tx<{ endedAt: Date | null }[]>`
    select s.ended_at as "endedAt" from sessions s join people p on p.id = s.person
    where s.id = ${id} and p.name = ${name} for update of s`;
  if (!found) throw new PermanentError('access.session-not-found', `No session of ${name} has the id ${id}.`);
  if (found.endedAt !== null) return;
  await tx`update sessions set ended_at = ${now} where id = ${id}`;
  const act = { actor: name, action: 'sign-out', subject: `session ${id}`, detail: {} };
  await recordAudit(tx, 'gateway', act, now);
}

/** Ends the session that a browser showed when it signed in anew. */
export async function endShownSession(tx: Tx, cookie: string, now: Date): Promise<void> {
  await tx`
    update sessions set ended_at = coalesce(ended_at, ${now}) where digest = ${digestOf(cookie)} and kind = 'browser'`;
}
