import type { Accepted } from '@sluice/api';
import { createHash } from 'node:crypto';
import { inScope, requireScope, uuidV7, type Lane, type Submission } from '@sluice/contracts';
import { addToOutbox, hasBacklog } from '@sluice/delivery';
import type { Tx } from '@sluice/postgres';
import { failpoint } from '@sluice/runtime';
import { trace } from '@opentelemetry/api';
import { parseSubmission } from '@sluice/intake';
import { acceptDurably, backlogged, sameAsBefore } from './accepting.ts';
import type { GatewayDeps } from '../deps.ts';
import { submittedMessage } from '@sluice/submissions';

/** A submission as it came in. */
export interface Submitted {
  body: Buffer;
  filename: string | null;
  lane: Lane;
  scope: string;
  requester: string;
  labels: Record<string, string>;
  /** The format that the client says the file has; null: it is recognised. */
  format: string | null;
  /** Platforms to install on, each once and in order; none stands for all. */
  platforms: string[];
  idempotencyKey: string | null;
}

/**
 * Takes a submission in: once this returns it is durable, and everything else happens elsewhere.
 * @throws PermanentError for input that cannot be read, `scope.unknown` and `idempotency.mismatch`; TransientError `backend.backlog`.
 */
export async function submit(submitted: Submitted, deps: GatewayDeps): Promise<Accepted> {
  requireScope(submitted.scope, deps.scopes);
  const submission = parseSubmission(submitted.body, { ...deps, ...pick(submitted) });
  // The list is stored before anything refers to it; stored twice it is the same bytes at the same address.
  failpoint('fetched');
  const list = await deps.artifacts.put(Buffer.from(JSON.stringify(submission)));
  failpoint('effect-done');
  return acceptDurably(deps, (tx) =>
    accept(tx, submitted, submission, { listDigest: list.digest, outboxMax: deps.outboxMax }),
  );
}

/** The parameters that say how a file is read. */
const pick = ({ platforms, filename, format }: Submitted) => ({ platforms, filename, format });

async function accept(
  tx: Tx,
  submitted: Submitted,
  submission: Submission,
  { listDigest, outboxMax }: { listDigest: string; outboxMax: number },
): Promise<Accepted> {
  const { lane, scope, requester, labels, platforms, filename, idempotencyKey } = submitted;
  const now = new Date();
  const id = uuidV7(now.getTime());
  const counts = { itemCount: submission.items.length, entryCount: submission.entryCount };
  const fingerprint = fingerprintOf(submitted);
  // Sent together: the backlog only matters to a submission that is new.
  const [inserted, isBacklogged] = await Promise.all([
    tx`
      insert into submissions (id, idempotency_key, fingerprint, lane, scope, requester, labels, platforms, format,
        filename, item_count, entry_count, trace_id, submitted_at, list_digest)
      values (${id}, ${idempotencyKey}, ${fingerprint}, ${lane}, ${scope}, ${requester}, ${JSON.stringify(labels)}::text::jsonb,
        ${JSON.stringify(platforms)}::text::jsonb, ${submission.format}, ${filename}, ${counts.itemCount}, ${counts.entryCount},
        ${trace.getActiveSpan()?.spanContext().traceId ?? null}, ${now}, ${listDigest})
      on conflict (requester, idempotency_key) do nothing returning id`,
    hasBacklog(tx, outboxMax),
  ]);
  if (inserted.length === 0) return findEarlier(tx, requester, idempotencyKey!, fingerprint);
  if (isBacklogged) throw backlogged(outboxMax);
  const { format } = submission;
  const stored = {
    id,
    lane,
    scope,
    requester,
    labels,
    platforms,
    format,
    filename,
    ...counts,
    listDigest,
    submittedAt: now,
    batchId: null,
  };
  await addToOutbox(tx, [submittedMessage(stored, 'gateway')]);
  return { id, ...counts, repeated: false };
}

async function findEarlier(
  tx: Tx,
  requester: string,
  idempotencyKey: string,
  fingerprint: string,
): Promise<Accepted> {
  const [earlier] = await tx<{ id: string; fingerprint: string; itemCount: number; entryCount: number }[]>`
    select id, fingerprint, item_count as "itemCount", entry_count as "entryCount"
    from submissions where requester = ${requester} and idempotency_key = ${idempotencyKey}`;
  const { id, itemCount, entryCount } = sameAsBefore(earlier, fingerprint, 'request');
  return { id, itemCount, entryCount, repeated: true };
}

function fingerprintOf({ body, lane, scope, filename, labels, platforms, format }: Submitted): string {
  const sorted = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return (
    createHash('sha256')
      // As before there were platforms and formats, where there are none: keys outlast a version of the gateway.
      .update(
        JSON.stringify([
          inScope(lane, scope),
          filename,
          sorted,
          ...(platforms.length > 0 ? [platforms] : []),
          ...(format === null ? [] : [{ format }]),
        ]),
      )
      .update(body)
      .digest('hex')
  );
}
