import {
  eventId,
  inScope,
  makeEvent,
  pkgApproved,
  pkgAssessed,
  pkgCancelled,
  pkgDecisionEnded,
  pkgDownloaded,
  pkgEndorsed,
  pkgFailed,
  pkgLicensed,
  pkgRecalled,
  pkgRejected,
  pkgRequested,
  type DecideInput,
  type Decision,
  type ErrorCode,
  type EventDefinition,
  type Lane,
  type Release,
  type StageName,
  type Verdict,
} from '@sluice/contracts';
import { toMessage, type OutboxMessage } from '@sluice/delivery';
import type { Assessment } from '../assessments/assessment.ts';

const source = 'aggregator';

type Subject = Pick<Assessment, 'id' | 'purl' | 'lane' | 'attempt' | 'traceparent'>;

export function assessmentFact<Data>(
  definition: EventDefinition<Data>,
  about: Subject,
  rest: Omit<Data, 'assessmentId' | 'purl' | 'lane' | 'attempt'>,
  options: { time: Date; discriminator: string },
): OutboxMessage {
  const { id, purl, lane, attempt, traceparent } = about;
  const event = makeEvent(definition, {
    id: eventId(id, definition.type, options.discriminator),
    source,
    subject: purl,
    time: options.time,
    data: { assessmentId: id, purl, lane, attempt, ...rest } as Data,
  });
  return toMessage(event, { lane, traceparent });
}

/** The lane is part of the id: an assessment that moves to the other lane is asked for again there. */
export function requestedFact(about: Subject, requestedAt: Date, deadlineAt: Date): OutboxMessage {
  const data = { requestedAt: requestedAt.toISOString(), deadlineAt: deadlineAt.toISOString() };
  const discriminator = requestedDiscriminator(about);
  return assessmentFact(pkgRequested, about, data, { time: requestedAt, discriminator });
}

/** Id of the request for work of an assessment as it is now. */
export function requestedEventId(about: Pick<Assessment, 'id' | 'attempt' | 'lane'>): string {
  return eventId(about.id, pkgRequested.type, requestedDiscriminator(about));
}

/** Ids that the beginning of an assessment may have when it was replayed from a later stage than the first. */
export function replayEventIds({ id, attempt }: Pick<Assessment, 'id' | 'attempt'>): string[] {
  return [pkgLicensed, pkgDownloaded].map(({ type }) => eventId(id, type, `${attempt}/replay`));
}

function requestedDiscriminator({ attempt, lane }: Pick<Assessment, 'attempt' | 'lane'>): string {
  return `${attempt}/${lane}`;
}

export function assessedFact(about: Subject, scope: string, verdict: Verdict, time: Date): OutboxMessage {
  const discriminator = inScope(about.attempt, scope);
  return assessmentFact(pkgAssessed, about, { scope, verdict }, { time, discriminator });
}

/** The verdict that the same evidence gets later, when time has changed something. */
export function judgedAnewFact(about: Subject, scope: string, verdict: Verdict, time: Date): OutboxMessage {
  const discriminator = inScope(`${about.attempt}/${time.toISOString()}`, scope);
  return assessmentFact(pkgAssessed, about, { scope, verdict }, { time, discriminator });
}

export function failedFact(
  about: Subject,
  failure: { stage: StageName; code: ErrorCode; detail: string },
  time: Date,
): OutboxMessage {
  const data = { ...failure, failedAt: time.toISOString() };
  return assessmentFact(pkgFailed, about, data, { time, discriminator: `${about.attempt}/${source}` });
}

export function cancelledPackageFact(about: Subject, time: Date): OutboxMessage {
  const data = { cancelledAt: time.toISOString() };
  return assessmentFact(pkgCancelled, about, data, { time, discriminator: String(about.attempt) });
}

type DecisionSubject = { assessmentId: string; purl: string; lane: Lane; scope: string; traceparent: string };

/** A decision ends once, so its sequence in its scope tells the event from every other. */
export function decisionEndedFact(about: DecisionSubject, decision: Decision, time: Date): OutboxMessage {
  const { assessmentId, purl, lane, scope, traceparent } = about;
  const event = makeEvent(pkgDecisionEnded, {
    id: eventId(purl, pkgDecisionEnded.type, inScope(decision.sequence, scope)),
    source,
    subject: purl,
    time,
    data: { assessmentId, purl, lane, scope, decision, endedAt: time.toISOString() },
  });
  return toMessage(event, { lane, traceparent });
}

/**
 * A person approved, and the policy wants another one to do so as well.
 * @param approvers how many people the policy wants.
 */
export function endorsedFact(
  about: DecisionSubject,
  approvers: number,
  { by, person, reason }: Pick<DecideInput, 'by' | 'person' | 'reason'>,
  time: Date,
): OutboxMessage {
  const { assessmentId, purl, lane, scope, traceparent } = about;
  const event = makeEvent(pkgEndorsed, {
    id: eventId(
      purl,
      pkgEndorsed.type,
      inScope(`${assessmentId}/${person ?? by}/${time.toISOString()}`, scope),
    ),
    source,
    subject: purl,
    time,
    data: { assessmentId, purl, lane, scope, by, reason, approvers, endorsedAt: time.toISOString() },
  });
  return toMessage(event, { lane, traceparent });
}

const decisionFacts = { approved: pkgApproved, rejected: pkgRejected, recalled: pkgRecalled };

/** @param release what an approval lets be installed; null for another decision. */
export function decisionFact(
  about: DecisionSubject,
  decision: Decision,
  release: Release | null,
): OutboxMessage {
  const definition = decisionFacts[decision.state];
  const { assessmentId, purl, lane, scope, traceparent } = about;
  const event = makeEvent(definition, {
    id: eventId(purl, definition.type, inScope(decision.sequence, scope)),
    source,
    subject: purl,
    time: new Date(decision.at),
    data: { assessmentId, purl, lane, scope, decision, ...(release ? { release } : {}) },
  });
  return toMessage(event, { lane, traceparent });
}
