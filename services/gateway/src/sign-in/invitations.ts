import { PermanentError } from '@sluice/contracts';
import { recordAudit, withOutbox } from '@sluice/delivery';
import { digestOf, newSecret } from '@sluice/identity';
import { asTransient, createPostgres, type Sql, type Tx } from '@sluice/postgres';
import type { Person } from './people.ts';

const hourMs = 3_600_000;
/** Of the digest, as the audit names an invitation. */
const shownChars = 12;

const subjectOf = (digest: string) => `invitation ${digest.slice(0, shownChars)}`;

/**
 * Makes an invitation for an admin in the gateway's database; it holds for an hour, once. A person who reaches the database has the
 * installation already.
 * @param createdBy as the audit names who did it.
 * @returns the token of its address, which is kept nowhere.
 * @throws TransientError when Postgres cannot be reached, or has no tables of the gateway yet.
 */
export async function createInvitation(
  databaseUrl: string,
  reason: string,
  createdBy: string,
): Promise<{ token: string; expiresAt: Date }> {
  const sql = createPostgres({ url: databaseUrl, service: 'admin', schema: 'gateway', pool: 1 });
  const { text, digest } = newSecret();
  const now = new Date();
  const expiresAt = new Date(now.getTime() + hourMs);
  try {
    await withOutbox(sql, async (tx) => {
      await tx`
        insert into invitations (digest, created_at, created_by, reason, expires_at)
        values (${digest}, ${now}, ${createdBy}, ${reason}, ${expiresAt})`;
      const detail = { reason, roles: ['admin'], expiresAt: expiresAt.toISOString() };
      await recordAudit(
        tx,
        'gateway',
        { actor: createdBy, action: 'invite', subject: subjectOf(digest), detail },
        now,
      );
    });
    return { token: text, expiresAt };
  } catch (error) {
    throw asTransient(error);
  } finally {
    await sql.end({ timeout: 2 });
  }
}

/**
 * Looks whether an invitation holds, before its person signs in.
 * @returns its digest.
 * @throws PermanentError `access.invitation-invalid`.
 */
export async function requireInvitation(own: Sql, token: string, now: Date): Promise<string> {
  const digest = digestOf(token);
  const [found] = await own`
    select 1 from invitations where digest = ${digest} and used_at is null and expires_at > ${now}`;
  if (found) return digest;
  throw invalid();
}

/**
 * Makes the person an admin from now on, and uses the invitation up.
 * @throws PermanentError `access.invitation-invalid` for one that another person used meanwhile, or that ended.
 */
export async function acceptInvitation(tx: Tx, digest: string, person: Person, now: Date): Promise<Person> {
  const [used] = await tx`
    update invitations set used_at = ${now}, used_by = ${person.id}
    where digest = ${digest} and used_at is null and expires_at > ${now} returning digest`;
  if (!used) throw invalid();
  const grantedRoles = [...new Set([...person.grantedRoles, 'admin' as const])];
  await tx`update people set granted_roles = ${grantedRoles} where id = ${person.id}`;
  const act = {
    actor: person.name,
    action: 'accept-invitation',
    subject: subjectOf(digest),
    detail: { grantedRoles },
  };
  await recordAudit(tx, 'gateway', act, now);
  return { ...person, grantedRoles };
}

const invalid = () =>
  new PermanentError(
    'access.invitation-invalid',
    'The invitation is not known, was used, or is over an hour old.',
  );
