import { packageLock } from '@sluice/testkit/fakes';
import type { Sql } from '@sluice/postgres';

/** Something that takes lockfiles over HTTP and ends their packages: Sluice, or a peer. */
export interface Contestant {
  name: string;
  /** Where a lockfile is posted to. */
  submitUrl: string;
  sql: Sql;
  /** Table of requests as readers see them, with `id` and `completed_at`. */
  requests: string;
  stop(): Promise<void>;
}

let names = 0;

/** A lockfile of packages that nobody has asked for before. */
export function newLockfile(packages: number): string {
  return packageLock(
    3,
    Array.from({ length: packages }, () => ({ name: `bench-${(names += 1)}`, version: '1.0.0' })),
  );
}

/** Submits a lockfile. @returns the request's id. */
export async function submit(
  { submitUrl }: Contestant,
  lockfile: string,
  lane = 'interactive',
): Promise<string> {
  const response = await fetch(`${submitUrl}?lane=${lane}&requester=bench`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: lockfile,
  });
  if (response.status !== 202)
    throw new Error(`${submitUrl} answered ${response.status}: ${await response.text()}`);
  return ((await response.json()) as { id: string }).id;
}

/** Follows requests to their end as a reader of the read models sees it. */
export async function untilCompleted(
  { sql, requests }: Contestant,
  ids: string[],
  onCompleted: (id: string) => void = () => {},
  pollMs = 10,
): Promise<void> {
  let open = ids;
  while (open.length > 0) {
    const rows = await sql<{ id: string }[]>`
      select id from ${sql(requests)} where id = any(${open}::uuid[]) and completed_at is not null`;
    const done = new Set(rows.map(({ id }) => id));
    for (const id of done) onCompleted(id);
    open = open.filter((id) => !done.has(id));
    if (open.length > 0) await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** Submits new packages in lockfiles of `perRequest`, all at once. @returns packages per second until the last one ended. */
export async function throughput(
  contestant: Contestant,
  packages: number,
  perRequest: number,
): Promise<number> {
  const lockfiles = Array.from({ length: Math.ceil(packages / perRequest) }, () => newLockfile(perRequest));
  const started = performance.now();
  const ids = await Promise.all(lockfiles.map((lockfile) => submit(contestant, lockfile)));
  await untilCompleted(contestant, ids);
  return (lockfiles.length * perRequest * 1_000) / (performance.now() - started);
}
