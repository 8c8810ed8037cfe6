import { expect, it } from 'vitest';
import { isReceiverEntry, receiverRules } from './receiver-rules.ts';

it.each([
  '*',
  'chat.example',
  '*.chat.example',
  'chat.example:8443',
  'http://127.0.0.1:9000',
  'https://[::1]:8443',
])('takes %s', (text) => expect(isReceiverEntry(text)).toBe(true));

it.each([
  '',
  '*.*',
  'chat.example/path',
  'http://',
  'http://a b',
  'ftp://chat.example',
  'http://user@chat.example',
  'http://x/y',
])('refuses %s', (text) => expect(isReceiverEntry(text)).toBe(false));

it('origins are trusted as they stand, and hosts are public', () => {
  expect(receiverRules(['*', 'http://10.0.0.5:9000'])).toEqual({
    allowHosts: ['*'],
    trustedOrigins: ['http://10.0.0.5:9000'],
  });
});
