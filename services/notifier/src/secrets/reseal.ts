import type { Sql } from '@sluice/postgres';
import type { Sealing } from './sealing.ts';

/** The sealed columns of webhooks, each a place of its own. */
export const sealedColumns = ['sealed_url', 'sealed_secret', 'sealed_previous'] as const;
export type SealedColumn = (typeof sealedColumns)[number];

export const placeOf = (webhookId: string, column: SealedColumn): string => `${webhookId}/${column}`;

type Row = { id: string } & Record<SealedColumn, string | null>;

/**
 * Seals with the present key what others were used for; afterwards these can be taken out of SECRETS_KEY.
 * @returns how many webhooks were sealed anew.
 * @throws PermanentError `webhook.sealed` when a key is missing; what cannot be read stays as it is.
 */
export async function resealAll(sql: Sql, sealing: Sealing): Promise<number> {
  return sql.begin(async (tx) => {
    const rows = await tx<Row[]>`
      select id, sealed_url, sealed_secret, sealed_previous from webhooks order by id for update`;
    let count = 0;
    for (const row of rows) {
      const renew = (column: SealedColumn) => {
        const sealed = row[column];
        if (sealed === null || sealing.isCurrent(sealed)) return sealed;
        const place = placeOf(row.id, column);
        return sealing.seal(sealing.unseal(sealed, place), place);
      };
      const [url, secret, previous] = sealedColumns.map(renew);
      if (url === row.sealed_url && secret === row.sealed_secret && previous === row.sealed_previous)
        continue;
      await tx`
        update webhooks set sealed_url = ${url!}, sealed_secret = ${secret!}, sealed_previous = ${previous!} where id = ${row.id}`;
      count += 1;
    }
    return count;
  }) as Promise<number>;
}
