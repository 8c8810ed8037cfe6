import { eventId, knownRequestsCommand, requestSubmitted } from '@sluice/contracts';
import { sendCommand } from '@sluice/broker';
import { addToOutbox, withOutbox } from '@sluice/delivery';
import { Counter } from 'prom-client';
import type { GatewayDeps } from './deps.ts';
import { submittedMessage, type StoredSubmission } from './submitted-message.ts';

/** Age of a submission that is asked about: most are taken in within a second. */
const askAfterSeconds = 30;
/** Submissions asked about at once; the rest is asked about right after. */
const batchMax = 500;

const putBackTotal = new Counter({
  name: 'sluice_submissions_put_back_total',
  help: 'Accepted submissions that the aggregator did not know, and that were published again.',
});

/**
 * Asks the aggregator about submissions that it should have taken in by now, and publishes those again that it does not
 * know: the broker lost their messages, by a purge, an expiry, or with its data. One that only waits in the outbox is
 * left there, and one that still waits at the broker is a duplicate, which the broker does not store.
 * @returns how many were published again.
 * @throws TransientError when the aggregator or Postgres is away; to be asked again.
 */
export async function reconcileSubmissions(
  deps: Pick<GatewayDeps, 'own' | 'bus' | 'log' | 'published'>,
): Promise<number> {
  const { own, bus, log } = deps;
  let putBack = 0;
  for (let after = new Date(0); ;) {
    const rows = await own<StoredSubmission[]>`
      select id, lane, scope, requester, labels, platforms, format, filename, item_count as "itemCount",
        entry_count as "entryCount", list_digest as "listDigest", submitted_at as "submittedAt"
      from submissions
      where taken_in_at is null and list_digest is not null and submitted_at > ${after}
        and submitted_at < now() - make_interval(secs => ${askAfterSeconds})
      order by submitted_at limit ${batchMax}`;
    if (rows.length === 0) return putBack;
    const { known } = await sendCommand(bus, knownRequestsCommand, { requestIds: rows.map(({ id }) => id) });
    await own`update submissions set taken_in_at = now() where id = any(${known}::uuid[])`;
    const unknown = rows.filter(({ id }) => !known.includes(id));
    const published = await publishAgain(unknown, deps);
    if (published > 0)
      log.error({ submissions: published }, 'accepted submissions were lost; they are published again');
    putBackTotal.inc(published);
    putBack += published;
    if (rows.length < batchMax) return putBack;
    after = rows.at(-1)!.submittedAt;
  }
}

/** @returns how many were published again: those that no longer wait in the outbox. */
async function publishAgain(
  submissions: StoredSubmission[],
  { own, published }: Pick<GatewayDeps, 'own' | 'published'>,
): Promise<number> {
  if (submissions.length === 0) return 0;
  const ids = submissions.map(({ id }) => eventId(id, requestSubmitted.type, 1));
  const { written } = await withOutbox(own, async (tx) => {
    // One that was published makes room for its copy; one that waits stays, and is not written twice.
    await tx`
      delete from outbox where event_id = any(${ids}::uuid[])
        and not exists (select from outbox_waiting w where w.position = outbox.position)`;
    await addToOutbox(tx, submissions.map(submittedMessage));
  });
  published(written);
  return written.length;
}
