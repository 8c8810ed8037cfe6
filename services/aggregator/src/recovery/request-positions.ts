import { pkgRequested, type EventData } from '@sluice/contracts';
import type { PublishedMessage } from '@sluice/delivery';
import type { Sql, Tx } from '@sluice/postgres';
import type { Logger } from '@sluice/runtime';
import type { Assessment } from '../assessments/assessment.ts';
import { requestedEventId } from '../facts/package-facts.ts';
import { replayEventIds } from '../facts/package-facts.ts';

/** A request for work that no stage took up within this time may wait long: its position becomes worth a write. */
const noteAfterMs = 30_000;
const flushEveryMs = 10_000;

interface RequestPosition {
  attempt: number;
  sequence: number;
  publishedAt: number;
}

/**
 * Knows where in the stream the requests for work are, from the broker's confirmations. Without it, a long queue before
 * the first stage would look like lost work. Most requests are taken up at once and cost nothing; the others are
 * written down. Assessments whose position a crash forgets are sent through the stages once more.
 */
export class RequestPositions {
  readonly #sql: Sql;
  readonly #log: Logger;
  readonly #positions = new Map<string, RequestPosition>();
  readonly #timer: NodeJS.Timeout;

  constructor(sql: Sql, log: Logger) {
    this.#sql = sql;
    this.#log = log;
    this.#timer = setInterval(() => void this.#flushOld(), flushEveryMs);
    this.#timer.unref();
  }

  /** Notes the positions of published messages. */
  published(messages: PublishedMessage[]): void {
    const publishedAt = Date.now();
    for (const { subject, payload, sequence } of messages) {
      if (!subject.startsWith(`${pkgRequested.type}.`)) continue;
      const { data } = JSON.parse(payload) as { data: EventData<typeof pkgRequested> };
      this.#positions.set(data.assessmentId, { attempt: data.attempt, sequence, publishedAt });
    }
  }

  /** These were taken up: where they were asked for no longer matters. */
  takenUp(assessmentIds: Iterable<string>): void {
    for (const id of assessmentIds) this.#positions.delete(id);
  }

  /** Writes the positions of requests that were published before `before`. Harmless to repeat. */
  async flush(before = Infinity): Promise<void> {
    const old = [...this.#positions].filter(([, { publishedAt }]) => publishedAt < before);
    if (old.length === 0) return;
    const rows = old.map(([id, { attempt, sequence }]) => ({ id, attempt, sequence }));
    // In one order everywhere, against deadlocks with the handlers. Rows are looked up one by one: joining the list
    // with itself compared every row with every other one, 3.6 s for 2,200 of them.
    rows.sort((a, b) => (a.id < b.id ? -1 : 1));
    const sql = this.#sql;
    await sql`
      with locked as materialized (
        select p.id, p.sequence
        from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as p (id uuid, attempt int, sequence bigint)
        cross join lateral (
          select from assessments a where a.id = p.id and a.attempt = p.attempt for update) as running
      )
      update assessments a set requested_sequence = locked.sequence from locked where a.id = locked.id`;
    for (const [id, position] of old) if (this.#positions.get(id) === position) this.#positions.delete(id);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  async #flushOld(): Promise<void> {
    try {
      await this.flush(Date.now() - noteAfterMs);
    } catch (error) {
      this.#log.warn({ err: error }, 'positions of requests cannot be written down; it is tried again');
    }
  }
}

/** Of running assessments, those whose request for work still waits in the outbox. */
export async function waitingInOutbox(tx: Tx, rows: Assessment[]): Promise<Set<string>> {
  const idOf = new Map(
    rows.flatMap((row) => [requestedEventId(row), ...replayEventIds(row)].map((id) => [id, row.id] as const)),
  );
  const waiting = await tx<{ eventId: string }[]>`
    select event_id as "eventId" from outbox join outbox_waiting using (position)
    where event_id = any(${[...idOf.keys()]}::uuid[])`;
  return new Set(waiting.map(({ eventId }) => idOf.get(eventId)!));
}
