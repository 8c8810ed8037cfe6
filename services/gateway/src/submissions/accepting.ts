import { PermanentError, TransientError } from '@sluice/contracts';
import { withOutbox } from '@sluice/delivery';
import type { Tx } from '@sluice/postgres';
import { inTime, failpoint } from '@sluice/runtime';
import type { GatewayDeps } from '../deps.ts';

/**
 * Runs the transaction that accepts a submission: once this returns it is durable, and its messages are on their way.
 * @throws TransientError `backend.timeout` when it is unknown whether it was committed; errors of the transaction.
 */
export async function acceptDurably<Result>(
  { own, answerTimeoutMs, published }: Pick<GatewayDeps, 'own' | 'answerTimeoutMs' | 'published'>,
  accept: (tx: Tx) => Promise<Result>,
): Promise<Result> {
  const accepting = withOutbox(own, async (tx) => {
    const accepted = await accept(tx);
    failpoint('before-commit');
    return accepted;
  });
  // One that is committed later all the same is published by the relay's sweep.
  const { result, written } = await inTime(accepting, answerTimeoutMs, inDoubt);
  failpoint('after-commit');
  published(written);
  return result;
}

/** The transaction may still be committed. */
const inDoubt = () =>
  new TransientError(
    'backend.timeout',
    'Postgres does not answer. Whether the request was accepted is unknown: send it again with the same Idempotency-Key.',
  );

/** A broker that is away for this long is seldom back sooner. */
const backlogRetryMs = 30_000;

export function backlogged(outboxMax: number): TransientError {
  return new TransientError('backend.backlog', `${outboxMax} submissions wait for NATS to come back.`, {
    retryAfterMs: backlogRetryMs,
  });
}

/**
 * The submission that an idempotency key was used for before.
 * @param noun in the error: `request`, `batch`.
 * @throws PermanentError `idempotency.mismatch` when it was another one.
 */
export function sameAsBefore<Row extends { id: string; fingerprint: string }>(
  earlier: Row | undefined,
  fingerprint: string,
  noun: string,
): Row {
  if (earlier?.fingerprint === fingerprint) return earlier;
  throw new PermanentError(
    'idempotency.mismatch',
    `The key was used for ${noun} ${earlier?.id}, which was another one.`,
  );
}
