import { uuidV7 } from '@sluice/contracts';
import type { NotifierDeps } from '../deps.ts';
import { transact } from '../transact.ts';
import { recordEvents } from './record-events.ts';

/** Reviews that come within this time are told together. */
const gatherMs = 15 * 60_000;
/** Subjects that are named; the others are counted. */
const namedMax = 20;

interface Waiting {
  id: string;
  scope: string;
  subject: string;
  occurredAt: Date;
  reviewCount: number;
}

/** Tells each scope, at most once in a quarter of an hour, which requests and recalled package versions came to wait for a person. */
export async function tellWaiting(deps: NotifierDeps): Promise<void> {
  await transact(deps, async (tx) => {
    const now = deps.now();
    const rows = await tx<Waiting[]>`
      select id, scope, subject, occurred_at as "occurredAt", coalesce((data ->> 'reviewCount')::int, 1) as "reviewCount"
      from notifications n where type in ('request.needs-review', 'package.recalled') and not is_digested and exists (
        select from notifications o where o.type in ('request.needs-review', 'package.recalled') and not o.is_digested
          and o.scope = n.scope and o.occurred_at <= ${new Date(now.getTime() - gatherMs)})
      order by occurred_at, id for update`;
    if (rows.length === 0) return;
    await tx`update notifications set is_digested = true where id = any(${rows.map(({ id }) => id)}::uuid[])`;
    const scopes = new Set(rows.map(({ scope }) => scope));
    const digests = [...scopes].map((scope) => {
      const waiting = rows.filter((row) => row.scope === scope);
      return {
        id: uuidV7(now.getTime()),
        type: 'approval.waiting' as const,
        scope,
        subject: scope,
        occurredAt: now,
        sequence: null,
        data: {
          since: waiting[0]!.occurredAt.toISOString(),
          total: waiting.reduce((sum, { reviewCount }) => sum + reviewCount, 0),
          subjects: waiting.slice(0, namedMax).map(({ subject }) => subject),
          links: { packages: `/v1/packages?outcome=review&scope=${encodeURIComponent(scope)}` },
        },
      };
    });
    await recordEvents(tx, digests, deps);
  });
}
