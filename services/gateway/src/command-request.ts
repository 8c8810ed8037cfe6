import { inTime } from '@sluice/runtime';
import { setTimeout as delay } from 'node:timers/promises';
import { TransientError, isCoded, knownRequestsCommand, type ErrorCode } from '@sluice/contracts';
import { sendCommand, type CommandDefinition } from '@sluice/broker';
import type { GatewayDeps } from './deps.ts';
import { findAcceptedBatch } from './queries/batches.ts';
import { findSubmission } from './queries/requests.ts';

const askAgainMs = 200;
/** When a client should ask again. */
const retryAfterMs = 2_000;
/** Accepted requests that one question to the aggregator is about. */
const pendingMax = 500;

type Deps = Pick<GatewayDeps, 'bus' | 'own' | 'answerTimeoutMs'>;

/**
 * Sends a command about one request. One that was accepted and that the aggregator does not know yet is waited for.
 * @throws PermanentError with the aggregator's code, `request.not-found` only for a request that was never accepted.
 * @throws TransientError `request.not-taken-in` when the aggregator still does not know it.
 */
export function commandRequest<Input extends { requestId: string | null }, Output>(
  deps: Deps,
  command: CommandDefinition<Input, Output>,
  input: Input,
): Promise<Output> {
  const { requestId } = input;
  return whileTakenIn(deps, () => sendCommand(deps.bus, command, input), {
    notFound: 'request.not-found',
    pending: async () => {
      const found =
        requestId !== null && (await inTime(findSubmission(deps.own, requestId), deps.answerTimeoutMs));
      return found ? 'waiting' : 'none';
    },
    detail: `Request ${requestId} was accepted and waits to be taken in.`,
  });
}

/**
 * Sends a command about a batch. One that was accepted and that the aggregator does not know yet is waited for.
 * @throws PermanentError with the aggregator's code, `batch.not-found` only for a batch that was never accepted.
 * @throws TransientError `batch.not-taken-in` when the aggregator still does not know it.
 */
export function commandBatch<Input extends { batchId?: string | null | undefined }, Output>(
  deps: Deps,
  command: CommandDefinition<Input, Output>,
  input: Input,
): Promise<Output> {
  const batchId = input.batchId!;
  return whileTakenIn(deps, () => sendCommand(deps.bus, command, input), {
    notFound: 'batch.not-found',
    late: 'batch.not-taken-in',
    pending: async () =>
      (await inTime(findAcceptedBatch(deps.own, batchId), deps.answerTimeoutMs)) ? 'waiting' : 'none',
    detail: `Batch ${batchId} was accepted and waits to be taken in.`,
  });
}

/**
 * Sends a command about a package version. One that the aggregator does not know may be in a request that was accepted
 * and is not taken in yet: that is waited for.
 * @throws PermanentError with the aggregator's code, `package.not-found` only when all accepted requests are taken in.
 * @throws TransientError `request.not-taken-in` when some still are not.
 */
export function commandPackage<Input, Output>(
  deps: Deps,
  command: CommandDefinition<Input, Output>,
  input: Input,
): Promise<Output> {
  return whileTakenIn(deps, () => sendCommand(deps.bus, command, input), {
    notFound: 'package.not-found',
    pending: () => inTime(pendingRequests(deps), deps.answerTimeoutMs),
    detail: 'The package version is not known, and accepted requests that may have it wait to be taken in.',
  });
}

/** Accepted requests that the subject of a command may be in: none, some that wait, or all taken in by now. */
type Pending = 'none' | 'waiting' | 'taken-in';

/** Those known to be taken in are noted as such every few seconds. */
async function pendingRequests({ own, bus }: Deps): Promise<Pending> {
  const rows = await own<{ id: string }[]>`
    select id from submissions where taken_in_at is null and list_digest is not null
    order by submitted_at desc limit ${pendingMax}`;
  if (rows.length === 0) return 'none';
  const { known } = await sendCommand(bus, knownRequestsCommand, { requestIds: rows.map(({ id }) => id) });
  return known.length < rows.length ? 'waiting' : 'taken-in';
}

/**
 * A request is taken in within a second, unless the aggregator is behind or has just started.
 * @param late the code of something that still is not taken in.
 */
async function whileTakenIn<Output>(
  { answerTimeoutMs }: Deps,
  send: () => Promise<Output>,
  {
    notFound,
    late = 'request.not-taken-in',
    pending,
    detail,
  }: { notFound: ErrorCode; late?: ErrorCode; pending: () => Promise<Pending>; detail: string },
): Promise<Output> {
  const until = Date.now() + answerTimeoutMs;
  for (let isLast = false; ;) {
    try {
      return await send();
    } catch (error) {
      if (isLast || !isCoded(error) || error.code !== notFound) throw error;
      const requests = await pending();
      if (requests === 'none') throw error;
      // Taken in between the command and the question: the command is sent once more.
      isLast = requests === 'taken-in';
      if (isLast) continue;
      if (Date.now() >= until) throw new TransientError(late, detail, { retryAfterMs });
      await delay(askAgainMs);
    }
  }
}
