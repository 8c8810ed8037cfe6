import type { Install } from '@sluice/api';
import type { Sql } from '@sluice/postgres';
import { datesAsText, type Dated } from './dated.ts';

export type InstallKey = [lastAt: string, purl: string, scope: string, principalId: string];

export interface InstallFilter {
  purl?: string | undefined;
  principal?: string | undefined;
  scope?: string | undefined;
  /** Scopes that the reader may see; null for all. */
  scopes: readonly string[] | null;
  limit: number;
  after: InstallKey | null;
}

/** Who was sent what through the gate, the last one first. */
export async function listInstalls(
  read: Sql,
  { purl, principal, scope, scopes, limit, after }: InstallFilter,
): Promise<Install[]> {
  const rows = await read<Dated<Install, 'firstAt' | 'lastAt'>[]>`
    select purl, scope, principal, principal_id as "principalId", client, first_at as "firstAt", last_at as "lastAt"
    from installs where true
      ${purl === undefined ? read`` : read`and purl = ${purl}`}
      ${principal === undefined ? read`` : read`and principal = ${principal}`}
      ${scope === undefined ? read`` : read`and scope = ${scope}`}
      ${scopes === null ? read`` : read`and scope = any(${[...scopes]}::text[])`}
      ${after === null ? read`` : read`and (last_at, purl, scope, principal_id) < (${after[0]}::timestamptz, ${after[1]}, ${after[2]}, ${after[3]})`}
    order by last_at desc, purl desc, scope desc, principal_id desc limit ${limit}`;
  return rows.map(datesAsText);
}
