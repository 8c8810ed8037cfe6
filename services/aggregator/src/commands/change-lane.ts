import { PermanentError, type ChangeLaneInput, type ChangeLaneOutput } from '@sluice/contracts';
import { addToOutbox, recordAudit } from '@sluice/delivery';
import { promote } from '../assessments/assess-packages.ts';
import { assessmentColumns, type Assessment } from '../assessments/assessment.ts';
import type { AggregatorDeps } from '../deps.ts';
import { laneChangedFact } from '../facts/request-facts.ts';
import { transact } from '../transact.ts';
import { lockRequest } from './cancel-request.ts';

/**
 * Moves a running request to the other lane. Its assessments in flight move along to the fast lane; to the slow one only
 * later ones do, because other requests may wait for the rest.
 * @throws PermanentError `request.not-found`, `request.ended`.
 */
export async function changeLane(input: ChangeLaneInput, deps: AggregatorDeps): Promise<ChangeLaneOutput> {
  const { requestId, lane } = input;
  return transact(deps, 'command change lane', async (tx) => {
    const now = deps.now();
    const inFlight =
      lane === 'bulk'
        ? []
        : await tx<Assessment[]>`
            select ${tx.unsafe(assessmentColumns)} from assessments a
            where state in ('waiting', 'running') and lane = 'bulk' and exists (
              select from items i where i.request_id = ${requestId} and i.purl = a.purl and i.outcome is null)
            order by id for update`;
    const request = await lockRequest(tx, requestId);
    if (request.state !== 'open')
      throw new PermanentError('request.ended', `Request ${requestId} is ${request.state}.`);
    if (request.lane === lane) return { requestId, lane, assessments: 0 };
    await tx`update requests set lane = ${lane} where id = ${requestId}`;
    const messages = [
      laneChangedFact({ ...request, lane }, input, now),
      ...(await promote(tx, inFlight, deps)),
    ];
    const detail = { reason: input.reason, lane, assessments: inFlight.length };
    await recordAudit(tx, 'aggregator', {
      actor: input.by,
      action: 'change-lane',
      subject: requestId,
      detail,
    });
    await addToOutbox(tx, messages);
    return { requestId, lane, assessments: inFlight.length };
  });
}
