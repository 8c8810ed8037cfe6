import { createHash, randomBytes, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const idLength = 12;
/** 256 bits in base 62. */
const secretLength = 43;
const checkLength = 6;
const form = new RegExp(
  `^slc_([0-9A-Za-z]{${idLength}})_([0-9A-Za-z]{${secretLength}})_([0-9A-Za-z]{${checkLength}})$`,
);

export interface KeyText {
  id: string;
  /** The whole key. */
  text: string;
  /** SHA-256 of the key, as hex. It is random, so that a slow hash would add nothing. */
  digest: string;
}

/** Makes an API key, `slc_<id>_<secret>_<checksum>`: a form that scanners of repositories for secrets can look for. */
export function newKeyText(): KeyText {
  const id = randomText(idLength);
  const secret = toBase62(BigInt(`0x${randomBytes(32).toString('hex')}`), secretLength);
  const text = `slc_${id}_${secret}_${checksum(id, secret)}`;
  return { id, text, digest: digestOf(text) };
}

/** The parts of a text that is an API key by its form; null for any other. */
export function readKeyText(text: string): KeyText | null {
  const [, id, secret, check] = form.exec(text) ?? [];
  if (!id || !secret || check !== checksum(id, secret)) return null;
  return { id, text, digest: digestOf(text) };
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function checksum(id: string, secret: string): string {
  return toBase62(BigInt(crc32(`${id}_${secret}`)), checkLength);
}

function randomText(length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]!).join('');
}

function toBase62(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest /= 62n) text = alphabet[Number(rest % 62n)]! + text;
  return text;
}
