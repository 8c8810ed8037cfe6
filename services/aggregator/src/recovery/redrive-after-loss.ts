import type { Bus } from '@sluice/broker';
import { addToOutbox, noticeLostMessages, noticeLostStream } from '@sluice/delivery';
import type { Tx } from '@sluice/postgres';
import { assessmentColumns, type Assessment } from '../assessments/assessment.ts';
import type { AggregatorDeps } from '../deps.ts';
import { redrive } from './redrive.ts';

/**
 * When the broker lost data, or messages before their consumers had settled them, it is unknown which messages of which
 * assessment went with it: all that run are sent through the stages again at once. That is no fault of theirs, so the
 * cap on attempts does not end any.
 * @returns how many were redriven.
 */
export async function redriveAfterLoss(bus: Bus, deps: AggregatorDeps): Promise<number> {
  let redriven = 0;
  const redriveAll = async (tx: Tx) => {
    const now = deps.now();
    const deadline = new Date(now.getTime() + deps.stageDeadlineMs);
    const rows = await tx<Assessment[]>`
      select ${tx.unsafe(assessmentColumns)} from assessments where state = 'running' order by id for update`;
    await addToOutbox(tx, await redrive(tx, rows, now, deadline));
    redriven = rows.length;
  };
  const streamLost = await noticeLostStream(bus, deps.sql, 'reconciler', redriveAll);
  const messagesLost = await noticeLostMessages(bus, deps.sql, 'reconciler settled', redriveAll);
  if (!streamLost && !messagesLost) return 0;
  deps.log.error({ redriven }, 'the broker lost data; everything that was in flight is redriven');
  deps.published();
  return redriven;
}
