import type { Role } from '@sluice/api';
import { PermanentError, uuidV7 } from '@sluice/contracts';
import type { SignedIn } from '@sluice/identity';
import type { Tx } from '@sluice/postgres';

export interface Person {
  id: string;
  name: string;
  grantedRoles: Role[];
}

/**
 * The person whom the provider vouches for, by issuer and subject; the name is that of the first sign-in.
 * @throws PermanentError `access.name-taken` when another person, or a key of a service, has the name of a new one; also a key that ended.
 */
export async function knowPerson(tx: Tx, { issuer, subject, name }: SignedIn, now: Date): Promise<Person> {
  const [person] = await tx<Person[]>`
    insert into people (id, issuer, subject, name, first_at, last_at)
    select ${uuidV7(now.getTime())}, ${issuer}, ${subject}, ${name}, ${now}::timestamptz, ${now}::timestamptz
    where not exists (select from api_keys where kind = 'service' and api_keys.name = ${name})
    on conflict do nothing
    returning id, name, granted_roles as "grantedRoles"`;
  if (person) return person;
  const [known] = await tx<Person[]>`
    update people set last_at = ${now} where issuer = ${issuer} and subject = ${subject}
    returning id, name, granted_roles as "grantedRoles"`;
  if (known) return known;
  throw new PermanentError('access.name-taken', `Another person, or a key of a service, is ${name} here.`);
}
