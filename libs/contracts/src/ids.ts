import { hash, randomUUID } from 'node:crypto';

/** Namespace of Sluice's event ids; any fixed UUID does. */
const eventNamespace = uuidBytes('6f2b0a54-5d0e-5c0a-9a53-2d5c5b1f7e10');

/** UUIDv5 (RFC 9562 §5.5): the same name always gives the same id. */
export function uuidV5(name: string, namespace: Uint8Array = eventNamespace): string {
  const digest = hash('sha1', Buffer.concat([namespace, Buffer.from(name)]));
  const variant = ((Number.parseInt(digest[16]!, 16) & 0x3) | 0x8).toString(16);
  return hyphenated(`${digest.slice(0, 12)}5${digest.slice(13, 16)}${variant}${digest.slice(17, 32)}`);
}

/** UUIDv7 (RFC 9562 §5.7): random, and sorts by creation time. */
export function uuidV7(nowMs: number = Date.now()): string {
  // Node draws random bytes for many UUIDs at once; the random bits of a version 4 serve for a version 7.
  const random = randomUUID().slice('xxxxxxxx-xxxx-4'.length);
  const time = nowMs.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random}`;
}

function hyphenated(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The sixteen bytes that a UUID is written of. */
export function uuidBytes(uuid: string): Uint8Array {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}

/**
 * Deterministic id of a fact: a stage that runs twice emits the same id, so that the broker's duplicate window and
 * every inbox see one event.
 * @param about the fact's subject: an assessment or request id.
 */
export function eventId(about: string, type: string, discriminator: string | number): string {
  return uuidV5(`${about}/${type}/${discriminator}`);
}
