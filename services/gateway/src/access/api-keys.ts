import { keyDaysDefault, type ApiKey, type NewKey, type Role } from '@sluice/api';
import { PermanentError } from '@sluice/contracts';
import { recordAudit } from '@sluice/delivery';
import type { Sql, Tx } from '@sluice/postgres';
import { newKeyText, type KnownKey } from '@sluice/identity';

interface KeyRow {
  id: string;
  digest: string;
  name: string;
  kind: 'person' | 'service';
  owner: string | null;
  roles: Role[];
  scopes: string[] | null;
  createdAt: Date;
  createdBy: string;
  expiresAt: Date;
  revokedAt: Date | null;
  revokedBy: string | null;
  lastUsedAt: Date | null;
}

const columns = `id, digest, name, kind, owner, roles, scopes, created_at as "createdAt", created_by as "createdBy",
  expires_at as "expiresAt", revoked_at as "revokedAt", revoked_by as "revokedBy", last_used_at as "lastUsedAt"`;

const dayMs = 86_400_000;
/** How exactly the last use of a key is known: a row that is written at each request would be busy. */
const usedEveryMs = 60_000;

export async function findKey(own: Sql, id: string): Promise<KeyRow | null> {
  const [row] = await own<KeyRow[]>`select ${own.unsafe(columns)} from api_keys where id = ${id}`;
  return row ?? null;
}

/** The keys that hold. */
export async function holdingKeys(own: Sql): Promise<KnownKey[]> {
  return own<KnownKey[]>`
    select id, digest, name, kind, roles, scopes, expires_at as "expiresAt" from api_keys
    where revoked_at is null and expires_at > now()`;
}

/** Notes that a key is used now, once a minute at most. */
export async function noteUse(
  own: Sql,
  { id, lastUsedAt }: Pick<KeyRow, 'id' | 'lastUsedAt'>,
  now: Date,
): Promise<void> {
  if (lastUsedAt !== null && now.getTime() - lastUsedAt.getTime() < usedEveryMs) return;
  await own`update api_keys set last_used_at = ${now} where id = ${id}`;
}

export type KeyWish = Pick<NewKey, 'name' | 'kind' | 'roles' | 'days' | 'reason'> & {
  scopes: string[] | null;
  /** Of a service: the person who answers for it, or who makes the key unless given. */
  owner?: string | null | undefined;
  /** In place of `days`. */
  expiresAt?: Date;
};

/**
 * Makes an API key, and records in the audit who made it, and why.
 * @returns the key as it is shown, and its text, which is kept nowhere.
 */
export async function createKey(
  tx: Tx,
  { name, kind, roles, scopes, reason, days = keyDaysDefault, ...wish }: KeyWish,
  createdBy: string,
  now: Date,
): Promise<ApiKey & { key: string }> {
  const { id, text, digest } = newKeyText();
  const { expiresAt = new Date(now.getTime() + days * dayMs) } = wish;
  const owner = kind === 'service' ? (wish.owner === undefined ? createdBy : wish.owner) : null;
  const [row] = await tx<KeyRow[]>`
    insert into api_keys (id, digest, name, kind, owner, roles, scopes, created_at, created_by, reason, expires_at)
    values (${id}, ${digest}, ${name}, ${kind}, ${owner}, ${roles}, ${scopes}, ${now}, ${createdBy}, ${reason}, ${expiresAt})
    returning ${tx.unsafe(columns)}`;
  const detail = { reason, name, kind, owner, roles, scopes, expiresAt: expiresAt.toISOString() };
  const act = { actor: createdBy, action: 'create-key', subject: `key ${id}`, detail };
  await recordAudit(tx, 'gateway', act, now);
  return { ...shown(row!), key: text };
}

/** API keys, newest first. */
export async function listKeys(
  own: Sql,
  limit: number,
  after: [createdAt: string, id: string] | null,
): Promise<ApiKey[]> {
  const rows = await own<KeyRow[]>`
    select ${own.unsafe(columns)} from api_keys
    where ${after ? own`(created_at, id) < (${after[0]}::timestamptz, ${after[1]})` : own`true`}
    order by created_at desc, id desc limit ${limit}`;
  return rows.map(shown);
}

/**
 * Revokes a key, and records in the audit who did it, and why. Again, the key stays as it is.
 * @throws PermanentError `access.key-not-found`.
 */
export async function revokeKey(
  tx: Tx,
  id: string,
  { by, reason }: { by: string; reason: string },
): Promise<ApiKey> {
  const [row] = await tx<KeyRow[]>`
    update api_keys set revoked_at = now(), revoked_by = ${by}, revoked_reason = ${reason}
    where id = ${id} and revoked_at is null returning ${tx.unsafe(columns)}`;
  if (!row) return revokedBefore(tx, id);
  const act = { actor: by, action: 'revoke-key', subject: `key ${id}`, detail: { reason, name: row.name } };
  await recordAudit(tx, 'gateway', act);
  return shown(row);
}

/** Revoking again is no act of its own. */
async function revokedBefore(tx: Tx, id: string): Promise<ApiKey> {
  const [row] = await tx<KeyRow[]>`select ${tx.unsafe(columns)} from api_keys where id = ${id}`;
  if (row) return shown(row);
  throw new PermanentError('access.key-not-found', `No key has the id ${id}.`);
}

function shown({ createdAt, expiresAt, revokedAt, lastUsedAt, ...row }: KeyRow): ApiKey {
  const { id, name, kind, owner, roles, scopes, createdBy, revokedBy } = row;
  return {
    id,
    name,
    kind,
    owner,
    roles,
    scopes,
    createdBy,
    revokedBy,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    revokedAt: revokedAt?.toISOString() ?? null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  };
}
