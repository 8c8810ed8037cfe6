import { createHash, randomBytes } from 'node:crypto';

/** Namespace of Sluice's event ids; any fixed UUID does. */
const eventNamespace = '6f2b0a54-5d0e-5c0a-9a53-2d5c5b1f7e10';

/** UUIDv5 (RFC 9562 §5.5): the same name always gives the same id. */
export function uuidV5(name: string, namespace: string = eventNamespace): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
    .subarray(0, 16);
  return formatUuid(bytes, 5);
}

/** UUIDv7 (RFC 9562 §5.7): random, and sorts by creation time. */
export function uuidV7(nowMs: number = Date.now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(nowMs, 0, 6);
  return formatUuid(bytes, 7);
}

function formatUuid(bytes: Buffer, version: number): string {
  bytes[6] = (bytes[6]! & 0x0f) | (version << 4);
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/**
 * Deterministic id of a fact: a stage that runs twice emits the same id, so that the broker's duplicate window and
 * every inbox see one event.
 * @param about what the fact is about: an assessment or request id.
 */
export function eventId(about: string, type: string, discriminator: string | number): string {
  return uuidV5(`${about}/${type}/${discriminator}`);
}
