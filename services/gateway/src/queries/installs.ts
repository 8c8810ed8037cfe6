import type { Install } from '@sluice/api';
import type { Sql } from '@sluice/postgres';
import { datesAsText, type Dated } from './dated.ts';

export type InstallKey = [lastAt: string, purl: string, scope: string, principalId: string];

export interface InstallFilter {
  purl?: string | undefined;
  principal?: string | undefined;
  scope?: string | undefined;
  /** Of package versions that are not approved now, or of those that are. */
  held?: boolean | undefined;
  /** Scopes that the reader may see; null for all. */
  scopes: readonly string[] | null;
  limit: number;
  after: InstallKey | null;
}

/** Who was sent what through the gate, the last one first. */
export async function listInstalls(
  read: Sql,
  { purl, principal, scope, held, scopes, limit, after }: InstallFilter,
): Promise<Install[]> {
  const rows = await read<Dated<Install, 'firstAt' | 'lastAt'>[]>`
    select purl, scope, principal, principal_id as "principalId", client, first_at as "firstAt", last_at as "lastAt"
    from installs where true
      ${purl === undefined ? read`` : read`and purl = ${purl}`}
      ${principal === undefined ? read`` : read`and principal = ${principal}`}
      ${scope === undefined ? read`` : read`and scope = ${scope}`}
      ${held === undefined ? read`` : read`and ${isApproved(read)} is ${held ? read`not true` : read`true`}`}
      ${scopes === null ? read`` : read`and scope = any(${[...scopes]}::text[])`}
      ${after === null ? read`` : read`and (last_at, purl, scope, principal_id) < (${after[0]}::timestamptz, ${after[1]}, ${after[2]}, ${after[3]})`}
    order by last_at desc, purl desc, scope desc, principal_id desc limit ${limit}`;
  return rows.map(datesAsText);
}

/** SQL: an approval of the installed package version holds now, in the scope of the install. */
function isApproved(read: Sql) {
  return read`(
    select s.decision_state = 'approved' and coalesce((s.decision ->> 'until')::timestamptz > now(), true)
    from package_scopes s where s.scope = installs.scope and s.purl = installs.purl)`;
}
