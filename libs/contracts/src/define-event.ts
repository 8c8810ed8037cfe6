import { z } from 'zod';
import { PoisonError } from './errors.ts';
import type { Known } from './known.ts';

/**
 * One kind of event: its type, schema and major version together. An event is a past-tense fact; its subject is
 * `<type>.<lane>` where it has a lane, else its type.
 */
export interface EventDefinition<Data = unknown> {
  type: string;
  /** Major version of the data; a breaking change is a new definition beside this one. */
  version: number;
  publisher: string;
  description: string;
  schema: z.ZodType<Data>;
  /**
   * Makes data of this version of that of an earlier major version, which may still be on its way when a service is
   * upgraded. Needed from version 2 on.
   */
  upgrade?(data: unknown, version: number): unknown;
}

/** Structured-mode CloudEvent (CloudEvents 1.0 §3.1), so that a message read with any NATS tool explains itself. */
export interface SluiceEvent<Data = unknown> {
  specversion: '1.0';
  /** UUID; also the `Nats-Msg-Id`. */
  id: string;
  /** `sluice/<service>`. */
  source: string;
  type: string;
  /** The subject: a purl or a request id. */
  subject: string;
  time: string;
  dataversion: number;
  data: Data;
}

export const envelopeSchema = z.looseObject({
  specversion: z.literal('1.0'),
  id: z.uuid(),
  source: z.string(),
  type: z.string(),
  subject: z.string(),
  time: z.iso.datetime({ offset: true }),
  dataversion: z.number().int().positive(),
  data: z.unknown(),
});

/** Events above this size are refused at publishing: large parts belong in the artifact store. */
export const eventSizeMaxBytes = 64 * 1024;

export function defineEvent<Schema extends z.ZodType>(definition: {
  type: string;
  version?: number;
  publisher: string;
  description: string;
  schema: Schema;
  upgrade?(data: unknown, version: number): unknown;
}): EventDefinition<Known<z.infer<Schema>>> {
  return { ...definition, version: definition.version ?? 1 } as unknown as EventDefinition<
    Known<z.infer<Schema>>
  >;
}

export type EventData<Definition> = Definition extends EventDefinition<infer Data> ? Data : never;

/** The NATS subject of an event: the lane is last so that a consumer can filter on it. */
export function subjectOf(type: string, lane?: string): string {
  return lane ? `${type}.${lane}` : type;
}

/** Makes an event of a definition; `data` is checked by the type system here and by the schema at the reader. */
export function makeEvent<Data>(
  definition: EventDefinition<Data>,
  fields: { id: string; source: string; subject: string; time: Date; data: Data },
): SluiceEvent<Data> {
  return {
    specversion: '1.0',
    id: fields.id,
    source: `sluice/${fields.source}`,
    type: definition.type,
    subject: fields.subject,
    time: fields.time.toISOString(),
    dataversion: definition.version,
    data: fields.data,
  };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads the envelope of a message.
 * @throws PoisonError `message.undecodable` when it is no event.
 */
export function decodeEnvelope(payload: Uint8Array | string): SluiceEvent {
  let json: unknown;
  try {
    json = JSON.parse(typeof payload === 'string' ? payload : utf8.decode(payload));
  } catch (cause) {
    throw new PoisonError('message.undecodable', 'The message is not JSON.', { cause });
  }
  const parsed = envelopeSchema.safeParse(json);
  if (!parsed.success) {
    throw new PoisonError('message.undecodable', `The message is no event: ${z.prettifyError(parsed.error)}`);
  }
  return parsed.data as SluiceEvent;
}

/**
 * Checks an event's data against its definition. Unknown fields are kept, and data of an earlier major version is
 * upgraded.
 * @throws PoisonError `message.unknown-version` for a newer major version, `message.undecodable` for anything else
 * that does not fit.
 */
export function decodeData<Data>(definition: EventDefinition<Data>, event: SluiceEvent): SluiceEvent<Data> {
  if (event.type !== definition.type) {
    throw new PoisonError('message.undecodable', `Expected ${definition.type}, got ${event.type}.`);
  }
  if (event.dataversion > definition.version) {
    throw new PoisonError('message.unknown-version', `${event.type} has version ${event.dataversion}.`);
  }
  const parsed = definition.schema.safeParse(upgraded(definition, event));
  if (!parsed.success) {
    throw new PoisonError('message.undecodable', `${event.type}: ${z.prettifyError(parsed.error)}`);
  }
  return { ...event, data: parsed.data };
}

/** Data that cannot be upgraded is left as it is, and the schema reports its fault. */
function upgraded(definition: EventDefinition, { data, dataversion }: SluiceEvent): unknown {
  if (dataversion >= definition.version) return data;
  try {
    return definition.upgrade?.(data, dataversion) ?? data;
  } catch {
    return data;
  }
}
