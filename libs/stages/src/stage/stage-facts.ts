import {
  eventId,
  makeEvent,
  pkgAttemptFailed,
  pkgFailed,
  type EventData,
  type EventDefinition,
  type StageName,
} from '@sluice/contracts';
import type { AssessmentEventData } from './define-stage.ts';
import type { OutgoingMessage } from '@sluice/broker';
import { toMessage } from '@sluice/delivery';

/** Common fields of a stage's facts: the stage, and the assessment that they are about. */
interface About<Data extends AssessmentEventData> {
  stage: { name: StageName; service: string };
  /** Data of the event that the stage consumed. */
  consumed: AssessmentEventData;
  /** The fact's own fields. */
  fields: Omit<Data, keyof AssessmentEventData>;
  /** Tells this fact from others of its type about the same assessment. */
  discriminator: string | number;
  /** The part between type and discriminator in the id; the stage's name where every stage has such a fact. */
  scope?: string;
}

/** A fact of a stage as a message, under an id that a second run of the same work makes again. */
export function stageFact<Data extends AssessmentEventData>(
  definition: EventDefinition<Data>,
  { stage, consumed, fields, discriminator, scope }: About<Data>,
): OutgoingMessage {
  const { assessmentId, purl, lane, attempt } = consumed;
  const type = scope === undefined ? definition.type : `${definition.type}/${scope}`;
  const event = makeEvent(definition, {
    id: eventId(assessmentId, type, discriminator),
    source: stage.service,
    subject: purl,
    time: new Date(),
    data: { assessmentId, purl, lane, attempt, ...fields } as unknown as Data,
  });
  return toMessage(event, { lane });
}

/** One delivery failed and will be tried again. */
export function attemptFailedFact(
  stage: About<AssessmentEventData>['stage'],
  consumed: AssessmentEventData,
  delivery: number,
  failure: Omit<EventData<typeof pkgAttemptFailed>, keyof AssessmentEventData | 'stage' | 'failedAt'>,
): OutgoingMessage {
  return stageFact(pkgAttemptFailed, {
    stage,
    consumed,
    scope: stage.name,
    discriminator: `${consumed.attempt}/${delivery}`,
    fields: { stage: stage.name, failedAt: new Date().toISOString(), ...failure },
  });
}

/** The stage gave the package version up. */
export function failedFact(
  stage: About<AssessmentEventData>['stage'],
  consumed: AssessmentEventData,
  failure: { code: string; detail: string; stageAttempt: number; worker: string },
): OutgoingMessage {
  return stageFact(pkgFailed, {
    stage,
    consumed,
    scope: stage.name,
    discriminator: consumed.attempt,
    fields: { stage: stage.name, failedAt: new Date().toISOString(), ...failure },
  });
}
