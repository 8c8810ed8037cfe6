import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openSealing, readKeys } from './sealing.ts';

const [old, present] = [randomBytes(32), randomBytes(32)];
const sealed = openSealing([old]).seal('a secret', 'here');
const refused = expect.objectContaining({ code: 'webhook.sealed' });

it('any text is read at its place with its key, and shows nothing of itself', () => {
  const sealing = openSealing([present]);
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(sealing.unseal(sealing.seal(text, 'p'), 'p')).toBe(text);
    }),
  );
  expect(sealing.seal('a secret', 'p')).not.toBe(sealing.seal('a secret', 'p'));
  expect(sealing.seal('a secret', 'p')).not.toContain('secret');
});

it('is refused at another place, changed, cut, or without its key', () => {
  const sealing = openSealing([old]);
  expect(() => sealing.unseal(sealed, 'there')).toThrow(refused);
  expect(() => openSealing([present]).unseal(sealed, 'here')).toThrow(refused);
  for (const damaged of [
    sealed.slice(0, -4),
    sealed.replace(/.(?=.{10}$)/, (sign) => (sign === 'A' ? 'B' : 'A')),
    'v1',
    '',
  ])
    expect(() => sealing.unseal(damaged, 'here')).toThrow(refused);
});

it('reads with an older key what the present one is to seal', () => {
  const both = openSealing([present, old]);
  expect(both.unseal(sealed, 'here')).toBe('a secret');
  expect(both.isCurrent(sealed)).toBe(false);
  expect(both.isCurrent(both.seal('a secret', 'here'))).toBe(true);
});

it('keys are read a line each or with commas, and nothing else is taken for one', () => {
  const [a, b] = [old.toString('base64url'), present.toString('base64url')];
  expect(readKeys(`${a}\n${b}\n`)).toEqual([old, present]);
  expect(readKeys(`${a}, ${b}`)).toEqual([old, present]);
  for (const none of ['', '\n', 'short', `${a}x`, `${a} not-a-key`]) expect(readKeys(none)).toBeNull();
});
