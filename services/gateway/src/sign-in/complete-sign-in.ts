import type { Grant } from '@sluice/api';
import { PermanentError } from '@sluice/contracts';
import { recordAudit } from '@sluice/delivery';
import { grantsOf, type GroupRule, type SignedIn } from '@sluice/identity';
import type { Tx } from '@sluice/postgres';
import { acceptInvitation } from './invitations.ts';
import { knowPerson } from './people.ts';
import { beginSession, endShownSession } from './sessions.ts';

/** Rights after a sign-in, and how long they hold. */
export interface SignInRules {
  groups: readonly GroupRule[];
  /** People who are admins without a group, as `issuer|subject`. */
  adminSubjects: readonly string[];
  sessionMs: number;
}

/** The parts of the request that a session keeps or replaces. */
export interface Browser {
  sessionCookie: string | undefined;
  address: string | undefined;
  userAgent: string | undefined;
}

/** Of the groups that arrived, as many are said. */
const toldGroups = 50;

/**
 * Begins the session of a person whom the provider vouches for, with the grants of the groups as they are now. It is always a new one: one that the
 * browser showed ends.
 * @param invitation digest of the one that the person follows; null for none.
 * @returns the cookie.
 * @throws PermanentError `access.no-role` that names the groups; `access.name-taken`; `access.invitation-invalid`.
 */
export async function completeSignIn(
  tx: Tx,
  signedIn: SignedIn,
  browser: Browser,
  rules: SignInRules,
  invitation: string | null,
  now: Date,
): Promise<string> {
  const { issuer, subject, groups } = signedIn;
  const known = await knowPerson(tx, signedIn, now);
  const person = invitation === null ? known : await acceptInvitation(tx, invitation, known, now);
  const isAdmin = rules.adminSubjects.includes(`${issuer}|${subject}`);
  const own = [...new Set([...person.grantedRoles, ...(isAdmin ? (['admin'] as const) : [])])];
  const grants: Grant[] = [
    ...grantsOf(groups, rules.groups),
    ...(own.length > 0 ? [{ roles: own, scopes: null }] : []),
  ];
  if (grants.length === 0) throw new PermanentError('access.no-role', noRole(person.name, groups));
  if (browser.sessionCookie !== undefined) await endShownSession(tx, browser.sessionCookie, now);
  const expiresAt = new Date(now.getTime() + rules.sessionMs);
  const wish = { ...browser, kind: 'browser' as const, person, grants, expiresAt };
  const { id, text } = await beginSession(tx, wish, now);
  const detail = {
    issuer,
    subject,
    groups: groups.slice(0, toldGroups),
    grants,
    address: browser.address ?? null,
  };
  await recordAudit(
    tx,
    'gateway',
    { actor: person.name, action: 'sign-in', subject: `session ${id}`, detail },
    now,
  );
  return text;
}

function noRole(name: string, groups: readonly string[]): string {
  if (groups.length === 0) return `${name} has no role: no groups arrived from the provider.`;
  const more = groups.length > toldGroups ? ` and ${groups.length - toldGroups} more` : '';
  return `${name} has no role. The groups that arrived: ${groups.slice(0, toldGroups).join(', ')}${more}.`;
}
