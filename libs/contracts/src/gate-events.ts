import { z } from 'zod';
import { defineEvent } from './define-event.ts';
import { scopeField } from './scope.ts';

const timestamp = z.iso.datetime({ offset: true });

/** Archives of one package version that one principal was sent. */
export const servedSchema = z.looseObject({
  purl: z.string(),
  scope: scopeField,
  /** `service:build`, `person:mira`. */
  principalId: z.string(),
  principal: z.string(),
  /** Name and version that the client gives itself, `pip/24.0`; empty for none. */
  client: z.string(),
  firstAt: timestamp,
  lastAt: timestamp,
});

/** Entries in one event, at most: each has some hundred bytes, and a purl at most a thousand. */
export const servedPerEventMax = 50;

export const gateServed = defineEvent({
  type: 'gate.served',
  publisher: 'gate',
  description: 'Archives were served through the gate: who has installed what.',
  schema: z.looseObject({ entries: z.array(servedSchema).max(1_000) }),
});
