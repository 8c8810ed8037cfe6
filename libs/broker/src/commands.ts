import { NoRespondersError, RequestError, TimeoutError, createInbox } from '@nats-io/transport-node';
import { context } from '@opentelemetry/api';
import {
  PermanentError,
  TransientError,
  errorCodeOf,
  errorCodes,
  isCoded,
  type ErrorCode,
} from '@sluice/contracts';
import { traceparentOf, withSpan, withTraceparent, type Logger } from '@sluice/runtime';
import { z } from 'zod';
import type { Bus } from './connection/connection.ts';
import { answerPrefix } from './connection/inboxes.ts';
import { toHeaders } from './publish.ts';

/**
 * A command: request-reply from the gateway to the one service that owns the state, answered after its transaction
 * committed. Commands are never stored; a caller that gets no answer asks again.
 */
export interface CommandDefinition<Input, Output> {
  service: string;
  name: string;
  input: z.ZodType<Input>;
  output: z.ZodType<Output>;
}

/** Longer than a transaction that a command needs, shorter than the ten seconds that HTTP clients have patience for. */
const timeoutMs = 9_000;

const replySchema = z.union([
  z.object({ ok: z.literal(true), result: z.unknown() }),
  z.object({ ok: z.literal(false), code: z.string(), detail: z.string() }),
]);

/** The subject that a command is sent on. */
export const subjectOfCommand = (command: { service: string; name: string }): string =>
  `cmd.${command.service}.${command.name}`;

/** Answers a command in this process; several replicas share the work. */
export function serveCommand<Input, Output>(
  bus: Bus,
  command: CommandDefinition<Input, Output>,
  handle: (input: Input) => Promise<Output>,
  log: Logger,
): void {
  const serviceContext = context.active();
  const answer = async (data: string): Promise<object> => {
    try {
      const input = command.input.safeParse(JSON.parse(data));
      if (!input.success) return { ok: false, code: 'input.invalid', detail: z.prettifyError(input.error) };
      const result = await withSpan(`command ${command.name}`, {}, () => handle(input.data));
      return { ok: true, result };
    } catch (error) {
      if (!isCoded(error)) log.error({ err: error, command: command.name }, 'command failed');
      const detail = isCoded(error) ? error.message : errorCodes.internal.title;
      return { ok: false, code: errorCodeOf(error), detail };
    }
  };
  bus.nc.subscribe(subjectOfCommand(command), {
    queue: command.service,
    callback: (error, message) => {
      if (error) {
        log.error({ err: error, command: command.name }, 'command subscription failed');
        return;
      }
      // An answer elsewhere would be published with the rights of this service, wherever the sender wants it.
      if (!message.reply?.startsWith(answerPrefix(command.service, ''))) {
        log.warn(
          { command: command.name, reply: message.reply },
          'a command asks for no answer, or elsewhere',
        );
        return;
      }
      const parent = withTraceparent(serviceContext, message.headers?.get('traceparent'));
      void context.with(parent, async () => message.respond(JSON.stringify(await answer(message.string()))));
    },
  });
}

/**
 * Sends a command and waits for its answer.
 * @throws PermanentError with the code that the owner answered with.
 * @throws TransientError `backend.unavailable` when no service takes it, `backend.timeout` when no answer came in time:
 * then it is unknown whether it was carried out, and sending it again is safe.
 */
export async function sendCommand<Input, Output>(
  bus: Bus,
  command: CommandDefinition<Input, Output>,
  input: Input,
): Promise<Output> {
  const traceparent = traceparentOf(context.active());
  let text: string;
  try {
    const reply = await bus.nc.request(subjectOfCommand(command), JSON.stringify(input), {
      timeout: timeoutMs,
      noMux: true,
      reply: createInbox(answerPrefix(command.service, bus.service)),
      headers: toHeaders(traceparent ? { traceparent } : {}),
    });
    text = reply.string();
  } catch (cause) {
    throw commandError(command.service, cause);
  }
  const reply = replySchema.parse(JSON.parse(text));
  if (reply.ok) return command.output.parse(reply.result);
  const code: ErrorCode = reply.code in errorCodes ? (reply.code as ErrorCode) : 'internal';
  if (errorCodes[code].status === 503) throw new TransientError(code, reply.detail);
  throw new PermanentError(code, reply.detail);
}

function commandError(service: string, cause: unknown): TransientError {
  const nobody =
    cause instanceof NoRespondersError || (cause instanceof RequestError && cause.isNoResponders());
  if (nobody) return new TransientError('backend.unavailable', `No ${service} is running.`, { cause });
  if (cause instanceof TimeoutError)
    return new TransientError('backend.timeout', `${service} did not answer.`, { cause });
  return new TransientError('backend.unavailable', 'NATS is not available.', { cause });
}
