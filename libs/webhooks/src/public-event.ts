import type { NotificationType } from '@sluice/contracts';

/** Something that people are told of. It outlives the events that the services exchange: its fields are only added to. */
export interface PublicEvent {
  id: string;
  type: NotificationType;
  /** An id or a purl. */
  subject: string;
  /** The scope that it belongs to; null for events of the installation. */
  scope: string | null;
  occurredAt: Date;
  /** Position of the event behind it in the stream; null where there is no single one. */
  sequence: number | null;
  data: Record<string, unknown>;
}

/** Digits of the greatest position, so that texts sort as numbers do. */
const sequenceDigits = 16;

/**
 * The body of a webhook: a CloudEvent in JSON. Pure.
 * Source: CloudEvents 1.0.2, "JSON Event Format"; `sequence` is its documented extension.
 */
export function cloudEvent({
  id,
  type,
  subject,
  scope,
  occurredAt,
  sequence,
  data,
}: PublicEvent): Record<string, unknown> {
  return {
    specversion: '1.0',
    id,
    source: '/sluice',
    type,
    subject,
    time: occurredAt.toISOString(),
    ...(sequence === null ? {} : { sequence: String(sequence).padStart(sequenceDigits, '0') }),
    datacontenttype: 'application/json',
    data: { scope, ...data },
  };
}
