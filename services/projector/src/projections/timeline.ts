import type { EventData, eventCatalogue } from '@sluice/contracts';
import type { Tx } from '@sluice/postgres';
import type { ProjectedEvent } from '../projected-event.ts';

/** Adds a batch of events to the `timeline`, each with what a reader wants to see of it. */
export async function projectTimeline(tx: Tx, events: ProjectedEvent[]): Promise<void> {
  const rows = events.map(({ position, sequence, traceId, event }) => ({
    position,
    sequence,
    traceId,
    id: event.id,
    subject: event.subject,
    type: event.type,
    time: event.time,
    data: summarise(event.type, event.data),
  }));
  await tx`
    insert into timeline (position, event_id, sequence, subject, type, at, trace_id, data)
    select position, id, sequence, subject, type, "time", "traceId", data
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as e (
      position bigint, id uuid, sequence bigint, subject text, type text, "time" timestamptz, "traceId" text, data jsonb)
    on conflict do nothing`;
}

type DataOf<Type extends keyof typeof eventCatalogue> = EventData<(typeof eventCatalogue)[Type]>;

/** Whoever had a stage run again stands at the event that it began with. */
function replayed(replay: DataOf<'pkg.requested'>['replay']): object {
  return replay ? { replayId: replay.replayId, replayedBy: replay.by, reason: replay.reason } : {};
}

/** The evidence itself is elsewhere; the timeline says what happened in a line. Pure. */
export function summarise(type: string, data: unknown): Record<string, unknown> {
  switch (type) {
    case 'request.submitted': {
      const { lane, requester, filename, itemCount } = data as DataOf<'request.submitted'>;
      return { lane, requester, filename, itemCount };
    }
    case 'request.progressed':
      return { ended: (data as DataOf<'request.progressed'>).items.length };
    case 'request.completed':
      return { counts: (data as DataOf<'request.completed'>).counts };
    case 'request.cancelled':
    case 'request.lane-changed': {
      const { by, reason, lane } = data as DataOf<'request.cancelled'>;
      return { by, reason, lane };
    }
    case 'request.reopened': {
      const { by, reason, round, ordinals } = data as DataOf<'request.reopened'>;
      return { by, reason, round, items: ordinals.length };
    }
    case 'pkg.requested': {
      const { lane, attempt, replay } = data as DataOf<'pkg.requested'>;
      return { lane, attempt, ...replayed(replay) };
    }
    case 'pkg.licensed': {
      const { license, attempt, lane, replay } = data as DataOf<'pkg.licensed'>;
      const { declared, expression } = license;
      return { lane, attempt, declared, expression, ...replayed(replay) };
    }
    case 'pkg.downloaded': {
      const { download, attempt, lane, replay } = data as DataOf<'pkg.downloaded'>;
      const { status, sizeBytes } = download;
      return { lane, attempt, status, sizeBytes, ...replayed(replay) };
    }
    case 'pkg.scanned': {
      const { scan, attempt, lane } = data as DataOf<'pkg.scanned'>;
      return {
        lane,
        attempt,
        status: scan.status,
        findings: scan.findingsTotal,
        advisories: scan.advisories.matches.length,
      };
    }
    case 'pkg.assessed': {
      const { verdict, attempt } = data as DataOf<'pkg.assessed'>;
      return {
        attempt,
        outcome: verdict.outcome,
        reasons: [...new Set(verdict.reasons.map((reason) => reason.code))],
      };
    }
    case 'pkg.attempt-failed': {
      const { lane, attempt, stage, stageAttempt, counted, code, detail, worker, nextTryAt } =
        data as DataOf<'pkg.attempt-failed'>;
      return { lane, attempt, stage, stageAttempt, counted, code, detail, worker, nextTryAt };
    }
    case 'pkg.failed': {
      const { lane, attempt, stage, stageAttempt, code, detail, worker } = data as DataOf<'pkg.failed'>;
      return { lane, attempt, stage, stageAttempt, code, detail, worker };
    }
    case 'pkg.cancelled':
      return { attempt: (data as DataOf<'pkg.cancelled'>).attempt };
    case 'pkg.approved':
    case 'pkg.rejected':
    case 'pkg.recalled': {
      const { by, reason, until } = (data as DataOf<'pkg.approved'>).decision;
      return { by, reason, until };
    }
    case 'advisories.imported': {
      const { result, recordCount, version } = data as DataOf<'advisories.imported'>;
      return { result, recordCount, version };
    }
    default:
      return {};
  }
}
