import { defaultScope, type EventData, type eventCatalogue } from '@sluice/contracts';
import type { Tx } from '@sluice/postgres';
import { addRows } from '../add-rows.ts';
import type { ProjectedEvent } from '../projected-event.ts';
import type { Write } from '../write.ts';

/**
 * Which of a batch's events are in the `timeline` or the `audit` already: an event that was published again long after the first time
 * is in the stream twice. This is so rare that it is checked only after Postgres refused the batch.
 */
export async function loadRepeated(tx: Tx, events: ProjectedEvent[]): Promise<Set<string>> {
  const ids = events.map(({ event }) => event.id.toLowerCase());
  const rows = await tx<{ id: string }[]>`
    select event_id as id from unnest(${ids}::uuid[]) as told (id)
      join (select event_id from timeline union all select event_id from audit) as known on told.id = event_id`;
  return new Set(rows.map(({ id }) => id));
}

/**
 * Events that are told elsewhere: an act in the audit, and the fact that follows from it says who it was by; what was installed, in
 * its own table.
 */
const untold = new Set(['audit.recorded', 'gate.served']);

/**
 * Adds a batch of events to the `timeline`, each with a summary of its data.
 * @param repeated ids of events that are there; null when there are none in the batch, and none twice in it.
 */
export function projectTimeline(tx: Tx, events: ProjectedEvent[], repeated: Set<string> | null): Write[] {
  const told = events.filter(({ event }) => !untold.has(event.type));
  return addRows(
    tx,
    'timeline',
    ['position', 'event_id', 'sequence', 'subject', 'type', 'at', 'trace_id', 'data'],
    (repeated ? withoutRepeated(told, repeated) : told).map(({ position, sequence, traceId, event }) => [
      position,
      event.id,
      sequence,
      event.subject,
      event.type,
      event.time,
      traceId,
      { ...summarise(event.type, event.data), ...scopeOf(event.data) },
    ]),
  );
}

function withoutRepeated(events: ProjectedEvent[], repeated: Set<string>): ProjectedEvent[] {
  const known = new Set(repeated);
  return events.filter(({ event }) => {
    const id = event.id.toLowerCase();
    return !known.has(id) && known.add(id);
  });
}

type DataOf<Type extends keyof typeof eventCatalogue> = EventData<(typeof eventCatalogue)[Type]>;

/** The scope of an event, if it is another than `default`. */
function scopeOf(data: unknown): { scope?: string } {
  const { scope } = data as { scope?: string };
  return scope === undefined || scope === defaultScope ? {} : { scope };
}

/** Who had a stage run again; part of the first event of that run. */
function replayed(replay: DataOf<'pkg.requested'>['replay']): object {
  return replay ? { replayId: replay.replayId, replayedBy: replay.by, reason: replay.reason } : {};
}

/** The status of all files when it is the good one, else that of the first file that has another. */
function worst<Status extends string>(files: { status: Status }[], good: Status): Status | null {
  return files.find(({ status }) => status !== good)?.status ?? files[0]?.status ?? null;
}

/** The evidence itself is elsewhere; the timeline has one line for each event. Pure. */
export function summarise(type: string, data: unknown): Record<string, unknown> {
  switch (type) {
    case 'batch.submitted': {
      const { lane, requester, filename } = data as DataOf<'batch.submitted'>;
      return { lane, requester, filename };
    }
    case 'batch.opened': {
      const { fileCount, requestCount, refusedCount, ignoredCount } = data as DataOf<'batch.opened'>;
      return { fileCount, requestCount, refusedCount, ignoredCount };
    }
    case 'batch.completed': {
      const { round, counts, failure } = data as DataOf<'batch.completed'>;
      return { round, counts, ...(failure ? { failure: failure.code } : {}) };
    }
    case 'batch.reopened':
      return { round: (data as DataOf<'batch.reopened'>).round };
    case 'batch.cancelled': {
      const { by, reason } = data as DataOf<'batch.cancelled'>;
      return { by, reason };
    }
    case 'project.changed': {
      const { change, name, by } = data as DataOf<'project.changed'>;
      return { change, name, by };
    }
    case 'project.refresh-requested': {
      const { projectId, cause, by } = data as DataOf<'project.refresh-requested'>;
      return { projectId, cause, by };
    }
    case 'project.refreshed': {
      const { state, unchanged, fromCommit, toCommit, counts, failure } = data as DataOf<'project.refreshed'>;
      return {
        state,
        unchanged,
        fromCommit,
        toCommit,
        counts,
        ...(failure ? { failure: failure.code } : {}),
      };
    }
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
      const { evidence, attempt, lane, replay } = data as DataOf<'pkg.licensed'>;
      const { declared, expression } = evidence.license;
      return { lane, attempt, declared, expression, ...replayed(replay) };
    }
    case 'pkg.downloaded': {
      const { evidence, attempt, lane, replay } = data as DataOf<'pkg.downloaded'>;
      const { files } = evidence.download;
      const sizeBytes = files.reduce((sum, file) => sum + (file.sizeBytes ?? 0), 0);
      return { lane, attempt, status: worst(files, 'verified'), sizeBytes, ...replayed(replay) };
    }
    case 'pkg.scanned': {
      const { evidence, attempt, lane } = data as DataOf<'pkg.scanned'>;
      const { files, advisories } = evidence.scan;
      return {
        lane,
        attempt,
        status: worst(files, 'scanned'),
        findings: files.reduce((sum, { findingsTotal }) => sum + findingsTotal, 0),
        advisories: advisories.matches.length,
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
    case 'pkg.endorsed': {
      const { by, reason, approvers } = data as DataOf<'pkg.endorsed'>;
      return { by: { kind: 'person', name: by }, reason, approvers };
    }
    case 'pkg.approved':
    case 'pkg.rejected':
    case 'pkg.recalled': {
      const { by, reason, until, endorsedBy, emergency } = (data as DataOf<'pkg.approved'>).decision;
      return {
        by,
        reason,
        until,
        ...(endorsedBy ? { endorsedBy } : {}),
        ...(emergency ? { emergency } : {}),
      };
    }
    case 'pkg.decision-ended': {
      const { state, by, reason, until } = (data as DataOf<'pkg.decision-ended'>).decision;
      return { state, by, reason, until };
    }
    case 'advisories.imported': {
      const { result, recordCount, version } = data as DataOf<'advisories.imported'>;
      return { result, recordCount, version };
    }
    case 'advisories.changed': {
      const { packages, version } = data as DataOf<'advisories.changed'>;
      return { packages: packages?.length ?? null, version };
    }
    default:
      return {};
  }
}
