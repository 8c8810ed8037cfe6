import { expect, test } from 'vitest';
import { testFileRule } from '../../test/rule-cases.ts';
import { SourceFile } from '../source/source-file.ts';
import { entropyBits, secrets } from './secrets.ts';

// Taken apart, so that no scanner takes this file for a leak.
const npm = ['npm', 'aZ8kQ2mX7pL4vB9nC3tR6yW1sD5fG0hJqEuI'].join('_');
const aws = ['AKIA', 'Z7QX4MPLW3NVRT6Y'].join('');
testFileRule(secrets, [
  { name: 'an npm token', text: `const t = '${npm}'`, tier: 'note' },
  { name: 'an AWS key', text: `key: ${aws}`, language: 'other', tier: 'note' },
  {
    name: 'a registry credential',
    text: `//registry.example/:_authToken=8f14e45f-ceea-467f-9b2a-3c1d7a9e0b66`,
    language: 'other',
    tier: 'note',
  },
  {
    name: 'a placeholder',
    text: `AKIAIOSFODNN7EXAMPLE ghp_${'x'.repeat(36)} :_authToken=\${NPM_TOKEN_FROM_SOMEWHERE}`,
    language: 'other',
    tier: null,
  },
  {
    name: 'a public key',
    text: `-----BEGIN PUBLIC KEY-----${'A'.repeat(300)}`,
    language: 'other',
    tier: null,
  },
]);

test('the finding does not repeat the secret', () => {
  const [hit] = secrets.check(new SourceFile('a.js', 'javascript', `const t = '${npm}'`));
  expect(JSON.stringify(hit)).not.toContain(npm.slice(10));
});

test('entropy tells noise from patterns', () => {
  expect(entropyBits('aaaaaaaa')).toBe(0);
  expect(entropyBits('abcdefgh')).toBe(3);
});
