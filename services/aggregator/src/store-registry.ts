import type { StoreRegistry } from '@sluice/artifacts';
import type { SharedStoreId } from '@sluice/broker';
import type { Sql } from '@sluice/postgres';

/**
 * The id of the artifact store as the aggregator's table has it, with a copy at the broker for the services that reach
 * no other. An installation that is older than the table takes the broker's id.
 */
export function storeRegistry(sql: Sql, shared: SharedStoreId): StoreRegistry {
  const held = async () => {
    const [row] = await sql<{ id: string }[]>`select id from artifact_store`;
    return row?.id ?? null;
  };
  const keep = async (id: string) => {
    await sql`insert into artifact_store (id) values (${id}) on conflict do nothing`;
    const kept = (await held()) ?? id;
    await shared.assert(kept);
    return kept;
  };
  return {
    async read() {
      const known = (await held()) ?? (await shared.read());
      return known === null ? null : keep(known);
    },
    note: async (id) => keep(await shared.note(id)),
  };
}
