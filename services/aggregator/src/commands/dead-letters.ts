import { setTimeout as delay } from 'node:timers/promises';
import { decodeEnvelope, type DeadLettersInput, type DeadLettersOutput } from '@sluice/contracts';
import {
  listDeadLetters,
  readDeadLetter,
  recordAudit,
  removeDeadLetter,
  republishDeadLetter,
  type DeadLetter,
} from '@sluice/delivery';
import type { Bus } from '@sluice/broker';
import type { AggregatorDeps } from '../deps.ts';
import { transact } from '../transact.ts';
import { retryFailed } from './retry.ts';

/** Pace of a redrive: messages that failed together should not come back all at once. */
const redrivesPerSecond = 50;

/** Puts dead letters back into the flow, and says who did it. */
export function redriveDeadLetters(
  bus: Bus,
  input: DeadLettersInput,
  deps: AggregatorDeps,
): Promise<DeadLettersOutput> {
  return forEach(bus, input, async (letter) => {
    await redrive(bus, letter, input, deps);
    await audit('redrive', letter, input, deps);
    await delay(1000 / redrivesPerSecond);
  });
}

/** Removes dead letters for good; the audit keeps their content. */
export function discardDeadLetters(
  bus: Bus,
  input: DeadLettersInput,
  deps: AggregatorDeps,
): Promise<DeadLettersOutput> {
  return forEach(bus, input, async (letter) => {
    // The record first: a crash in between leaves a dead letter, never an unexplained gap.
    await audit('discard', letter, input, deps);
    await removeDeadLetter(bus, letter.sequence);
  });
}

async function forEach(
  bus: Bus,
  { sequences, kind, service, code, limit }: DeadLettersInput,
  work: (letter: DeadLetter) => Promise<void>,
): Promise<DeadLettersOutput> {
  const filter = {
    limit,
    kind: kind ?? undefined,
    service: service ?? undefined,
    code: code ?? undefined,
  };
  const wanted = sequences ?? (await listDeadLetters(bus, filter)).map((letter) => letter.sequence);
  const result: DeadLettersOutput = { done: [], gone: [] };
  for (const sequence of wanted) {
    const letter = await readDeadLetter(bus, sequence);
    if (letter) await work(letter);
    result[letter ? 'done' : 'gone'].push(sequence);
  }
  return result;
}

/**
 * A stage's message whose package version was failed over it means nothing any more: that package version gets a new
 * assessment. Everything else goes back to where it came from.
 */
async function redrive(
  bus: Bus,
  letter: DeadLetter,
  { by, reason }: DeadLettersInput,
  deps: AggregatorDeps,
): Promise<void> {
  const failed = await failedPackage(letter, deps);
  if (failed === null) {
    await republishDeadLetter(bus, letter);
    return;
  }
  await retryFailed(
    { by, reason, requestId: null, purl: failed, code: null, stage: null, limit: 10_000 },
    deps,
  );
  await removeDeadLetter(bus, letter.sequence);
}

async function failedPackage(letter: DeadLetter, { sql }: AggregatorDeps): Promise<string | null> {
  let assessmentId: unknown;
  try {
    assessmentId = (decodeEnvelope(letter.payload).data as { assessmentId?: unknown } | null)?.assessmentId;
  } catch {
    return null;
  }
  if (typeof assessmentId !== 'string' || letter.service === 'aggregator') return null;
  const [row] = await sql<{ purl: string }[]>`
    select purl from assessments where id::text = ${assessmentId} and state = 'failed'`;
  return row?.purl ?? null;
}

function audit(
  action: 'redrive' | 'discard',
  letter: DeadLetter,
  { by, reason }: DeadLettersInput,
  deps: AggregatorDeps,
): Promise<void> {
  const { sequence, payload, headers } = letter;
  return transact(deps, `audit ${action}`, (tx) =>
    recordAudit(tx, 'aggregator', {
      actor: by,
      action,
      subject: `dead letter ${sequence}`,
      detail: { reason, headers, payload },
    }),
  );
}
