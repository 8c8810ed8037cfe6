import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { PermanentError } from '@sluice/contracts';

/** Seals texts so that a copy of the database alone does not show them: AES-256-GCM (NIST SP 800-38D). */
export interface Sealing {
  /** @param place where the text belongs; at another place it cannot be read. */
  seal(text: string, place: string): string;
  /** @throws PermanentError `webhook.sealed` for a text of a key that is not there, of another place, or damaged. */
  unseal(sealed: string, place: string): string;
  /** Whether a text was sealed with the present key. */
  isCurrent(sealed: string): boolean;
}

const keyPattern = /^[\w-]{43}$/;
const version = 'v1';
const [nonceBytes, tagBytes] = [12, 16];
const idChars = 16;

/** Keys of a text, one a line or with commas, the present one first; null for a text that is none. Pure. */
export function readKeys(text: string): Buffer[] | null {
  const keys = text.split(/[\s,]+/).filter((part) => part !== '');
  if (keys.length === 0 || !keys.every((key) => keyPattern.test(key))) return null;
  return keys.map((key) => Buffer.from(key, 'base64url'));
}

/** @param keys the present one first; the others read what they sealed. */
export function openSealing(keys: readonly Buffer[]): Sealing {
  const byId = new Map(keys.map((key) => [idOf(key), key]));
  const present = keys[0]!;
  const prefix = `${version}.${idOf(present)}.`;
  return {
    seal(text, place) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', present, nonce).setAAD(Buffer.from(place));
      const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return prefix + sealed.toString('base64url');
    },
    unseal(sealed, place) {
      const [, id = '', body = ''] = sealed.split('.');
      const key = byId.get(id);
      if (!key)
        throw new PermanentError('webhook.sealed', `The key ${id} is not among those of SECRETS_KEY.`);
      const bytes = Buffer.from(body, 'base64url');
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), {
          authTagLength: tagBytes,
        })
          .setAAD(Buffer.from(place))
          .setAuthTag(bytes.subarray(-tagBytes));
        const text = decipher.update(bytes.subarray(nonceBytes, -tagBytes));
        return Buffer.concat([text, decipher.final()]).toString('utf8');
      } catch (cause) {
        throw new PermanentError('webhook.sealed', 'The sealed text was changed.', { cause });
      }
    },
    isCurrent: (sealed) => sealed.startsWith(prefix),
  };
}

/** Names a key without showing it. */
function idOf(key: Buffer): string {
  return createHash('sha256').update('sluice key id').update(key).digest('hex').slice(0, idChars);
}
