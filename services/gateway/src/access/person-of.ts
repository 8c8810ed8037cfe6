import type { Principal } from '@sluice/api';
import type { Sql } from '@sluice/postgres';

/** As whom a principal counts where the policy wants other eyes than the requester's. */
export interface CountedAs {
  /** The person; of a service without an owner, the service itself. */
  person: string;
  /** Services that the person answers for, whose requests are the person's own. */
  otherNames: string[];
  isLocal: boolean;
}

/** @param by the name under which the principal acts, which the local user may choose. */
export async function personOf(own: Sql, { kind, name, keyId }: Principal, by: string): Promise<CountedAs> {
  const [key] =
    kind === 'service' && keyId !== null
      ? await own<{ owner: string | null }[]>`select owner from api_keys where id = ${keyId}`
      : [];
  const person = kind === 'service' ? (key?.owner ?? name) : by;
  const rows = await own<{ name: string }[]>`
    select distinct name from api_keys where owner = ${person} order by name limit 10000`;
  return { person, otherNames: rows.map((row) => row.name), isLocal: kind === 'local' };
}
