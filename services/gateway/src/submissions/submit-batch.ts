import { createHash } from 'node:crypto';
import type { AcceptedBatch } from '@sluice/api';
import { requireScope, uuidV7, type Lane, type SentFile } from '@sluice/contracts';
import { addToOutbox, hasBacklog } from '@sluice/delivery';
import type { Tx } from '@sluice/postgres';
import { failpoint } from '@sluice/runtime';
import { trace } from '@opentelemetry/api';
import { acceptDurably, backlogged, sameAsBefore } from './accepting.ts';
import { batchMessage, type StoredBatch } from './batch-message.ts';
import type { GatewayDeps } from '../deps.ts';

/** A batch as it came in. */
export interface SubmittedBatch {
  upload: { kind: 'archive'; bytes: Buffer } | { kind: 'files'; files: { path: string; content: Buffer }[] };
  filename: string | null;
  lane: Lane;
  scope: string;
  requester: string;
  labels: Record<string, string>;
  platforms: string[];
  idempotencyKey: string | null;
}

/**
 * Takes a batch in: once this returns it is durable. Its files are read elsewhere.
 * @throws PermanentError `scope.unknown`, `idempotency.mismatch`; TransientError `backend.backlog`; errors of the artifact store.
 */
export async function submitBatch(submitted: SubmittedBatch, deps: GatewayDeps): Promise<AcceptedBatch> {
  requireScope(submitted.scope, deps.scopes);
  failpoint('fetched');
  const upload = await store(submitted.upload, deps);
  failpoint('effect-done');
  return acceptDurably(deps, (tx) => accept(tx, submitted, upload, deps.outboxMax));
}

/** The bytes are stored before anything refers to them. */
async function store(
  upload: SubmittedBatch['upload'],
  { artifacts }: Pick<GatewayDeps, 'artifacts'>,
): Promise<StoredBatch['upload']> {
  if (upload.kind === 'archive')
    return { kind: upload.kind, digest: (await artifacts.put(upload.bytes)).digest };
  const files: SentFile[] = [];
  for (const { path, content } of upload.files) files.push({ path, ...(await artifacts.put(content)) });
  const { digest } = await artifacts.put(Buffer.from(JSON.stringify(files)));
  return { kind: upload.kind, digest };
}

async function accept(
  tx: Tx,
  { lane, scope, requester, labels, platforms, filename, idempotencyKey }: SubmittedBatch,
  upload: StoredBatch['upload'],
  outboxMax: number,
): Promise<AcceptedBatch> {
  const submittedAt = new Date();
  const id = uuidV7(submittedAt.getTime());
  const batch: StoredBatch = { id, lane, scope, requester, labels, platforms, filename, upload, submittedAt };
  const fingerprint = fingerprintOf(batch);
  const [inserted, isBacklogged] = await Promise.all([
    tx`
      insert into batches (id, idempotency_key, fingerprint, lane, scope, requester, labels, platforms, filename, upload, trace_id,
        submitted_at)
      values (${id}, ${idempotencyKey}, ${fingerprint}, ${lane}, ${scope}, ${requester}, ${JSON.stringify(labels)}::text::jsonb,
        ${JSON.stringify(platforms)}::text::jsonb, ${filename}, ${JSON.stringify(upload)}::text::jsonb,
        ${trace.getActiveSpan()?.spanContext().traceId ?? null}, ${submittedAt})
      on conflict (requester, idempotency_key) do nothing returning id`,
    hasBacklog(tx, outboxMax),
  ]);
  if (inserted.length === 0) return findEarlier(tx, requester, idempotencyKey!, fingerprint);
  if (isBacklogged) throw backlogged(outboxMax);
  await addToOutbox(tx, [batchMessage(batch)]);
  return { id, repeated: false };
}

async function findEarlier(
  tx: Tx,
  requester: string,
  idempotencyKey: string,
  fingerprint: string,
): Promise<AcceptedBatch> {
  const [earlier] = await tx<{ id: string; fingerprint: string }[]>`
    select id, fingerprint from batches where requester = ${requester} and idempotency_key = ${idempotencyKey}`;
  return { id: sameAsBefore(earlier, fingerprint, 'batch').id, repeated: true };
}

/** The upload counts by its digest, which is that of all bytes and names. */
function fingerprintOf({ lane, scope, filename, labels, platforms, upload }: StoredBatch): string {
  const sorted = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([lane, scope, filename, sorted, platforms, upload.kind, upload.digest]))
    .digest('hex');
}
