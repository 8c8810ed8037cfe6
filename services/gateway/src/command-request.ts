import { setTimeout as delay } from 'node:timers/promises';
import { TransientError, isCoded } from '@sluice/contracts';
import { sendCommand, type CommandDefinition } from '@sluice/messaging';
import type { GatewayDeps } from './deps.ts';
import { inTime } from './in-time.ts';
import { findSubmission } from './queries/requests.ts';

/** A request is taken in within a second, unless the aggregator is behind or has just started. */
const takeInMs = 3_000;
const askAgainMs = 200;
/** When a client should ask again. */
const retryAfterMs = 2_000;

/**
 * Sends a command about one request. One that was accepted and that the aggregator does not know yet is waited for.
 * @throws PermanentError with the aggregator's code, `request.not-found` only for a request that was never accepted.
 * @throws TransientError `request.not-taken-in` when the aggregator still does not know it.
 */
export async function commandRequest<Input extends { requestId: string | null }, Output>(
  { bus, own, answerTimeoutMs }: Pick<GatewayDeps, 'bus' | 'own' | 'answerTimeoutMs'>,
  command: CommandDefinition<Input, Output>,
  input: Input,
): Promise<Output> {
  const until = Date.now() + takeInMs;
  for (;;) {
    try {
      return await sendCommand(bus, command, input);
    } catch (error) {
      const { requestId } = input;
      if (!isCoded(error) || error.code !== 'request.not-found' || requestId === null) throw error;
      if (!(await inTime(findSubmission(own, requestId), answerTimeoutMs))) throw error;
      if (Date.now() >= until) {
        throw new TransientError(
          'request.not-taken-in',
          `Request ${requestId} was accepted and waits to be taken in.`,
          { retryAfterMs },
        );
      }
      await delay(askAgainMs);
    }
  }
}
