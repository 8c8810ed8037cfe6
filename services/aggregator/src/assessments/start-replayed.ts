import {
  pkgDownloaded,
  pkgLicensed,
  pkgRequested,
  uuidV5,
  type Lane,
  type StageName,
} from '@sluice/contracts';
import { columnsOf, type Tx } from '@sluice/postgres';
import type { OutboxMessage } from '@sluice/delivery';
import { newTraceparent } from '@sluice/runtime';
import type { Assessment } from './assessment.ts';
import { newestAssessment } from './newest-assessment.ts';
import type { AggregatorDeps } from '../deps.ts';
import { assessmentFact } from '../facts/package-facts.ts';

export interface Replay {
  id: string;
  stage: StageName;
  by: string;
  reason: string;
  /** Counts its rounds, from 1: package versions that failed are tried again in another one. */
  round: number;
  /** The slow lane unless it says another. */
  lane?: Lane;
}

type Started = Pick<
  Assessment,
  'id' | 'purl' | 'lane' | 'attempt' | 'traceparent' | 'registry' | 'license' | 'download'
>;

/**
 * Begins assessments at a stage, with the evidence of the stages before it as the newest assessment has it. A package
 * version that is in flight is left to that assessment.
 * @returns the facts that set the stage to work, one for each assessment that began.
 */
export async function startReplayed(
  tx: Tx,
  replay: Replay,
  purls: string[],
  deps: AggregatorDeps,
): Promise<OutboxMessage[]> {
  if (purls.length === 0) return [];
  const now = deps.now();
  const deadline = new Date(now.getTime() + deps.stageDeadlineMs);
  const { id, stage, round, lane = 'bulk' } = replay;
  const idOf = (purl: string) => uuidV5(`${id}/${purl}${round === 1 ? '' : `/${round}`}`);
  const column = columnsOf(tx, purls);
  const rows = await tx<Started[]>`
    insert into assessments (id, purl, lane, stage, registry, license, download, traceparent, requested_at, deadline_at, replay_id)
    select p.id, p.purl, ${lane}, ${stage}, ${stage === 'license' ? tx`null, null` : tx`a.registry, a.license`},
      ${stage === 'scan' ? tx`a.download` : tx`null`}, p.traceparent, ${now}, ${deadline}, ${id}
    from unnest(
      ${column(idOf)}::uuid[], ${column((purl) => purl)},
      ${column(() => newTraceparent(deps.tracer))}) as p (id, purl, traceparent)
      cross join lateral (${newestAssessment(tx)}) as a
    on conflict (purl) where state in ('waiting', 'running') do nothing
    returning id, purl, lane, attempt, traceparent, registry, license, download`;
  return rows.map((row) => beginningFact(replay, row, now, deadline));
}

/** The event that the stage consumes, repeated for this assessment; its id is none that a stage would give. */
function beginningFact(replay: Replay, row: Started, time: Date, deadline: Date): OutboxMessage {
  const { stage, id: replayId, by, reason } = replay;
  const why = { replay: { replayId, by, reason } };
  const options = { time, discriminator: `${row.attempt}/replay` };
  if (stage === 'license') {
    const times = { requestedAt: time.toISOString(), deadlineAt: deadline.toISOString() };
    // As every request for work, so that the reconciler finds it in the outbox.
    const discriminator = `${row.attempt}/${row.lane}`;
    return assessmentFact(pkgRequested, row, { ...times, ...why }, { time, discriminator });
  }
  const before = { registry: row.registry!, license: row.license! };
  if (stage === 'download') return assessmentFact(pkgLicensed, row, { evidence: before, ...why }, options);
  const evidence = { ...before, download: row.download! };
  return assessmentFact(pkgDownloaded, row, { evidence, ...why }, options);
}
