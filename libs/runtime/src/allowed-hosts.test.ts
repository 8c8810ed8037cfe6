import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allowedHosts, isAddress, isHostEntry } from './allowed-hosts.ts';

const isAllowed = allowedHosts('127.0.0.1', []);

describe('the hosts that the API answers to', () => {
  it.each([
    'localhost',
    'localhost:8080',
    'LOCALHOST:8080',
    '127.0.0.1',
    '127.0.0.1:1',
    '127.8.9.10:65535',
    '[::1]',
    '[::1]:8080',
    '[0:0:0:0:0:0:0:1]:8080',
  ])('%s is loopback', (host) => {
    expect(isAllowed(host)).toBe(true);
  });

  it.each([
    '',
    'evil.example',
    'evil.example:8080',
    'localhost.',
    'localhost.evil.example',
    'evil.localhost',
    '127.0.0.1.evil.example',
    '127.0.0.1.',
    '127.1',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '127.0.0.256',
    '127.0.0.01',
    '2130706433',
    '0.0.0.0:8080',
    '10.0.0.1',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::1%25lo]',
    '[::1',
    '::1',
    'user@localhost',
    'localhost@evil.example',
    'localhost:',
    'localhost:80a',
    'localhost:70000',
    'localhost:80:80',
    'localhost, evil.example',
    'localhost/',
    'localhost\\@evil.example',
    ' localhost',
    'ｌocalhost',
  ])('%j is not', (host) => {
    expect(isAllowed(host)).toBe(false);
  });

  it('no name but localhost is loopback, also with text before or behind it', () => {
    const label = fc.stringMatching(/^[a-z0-9.-]{1,12}$/);
    fc.assert(
      fc.property(label, fc.constantFrom('localhost', '127.0.0.1', '[::1]'), (text, loopback) => {
        expect(isAllowed(`${text}${loopback}`)).toBe(false);
        fc.pre(!/^\d/.test(text) || loopback === 'localhost');
        expect(isAllowed(`${loopback}${text}`)).toBe(false);
      }),
    );
  });

  it('are loopback for a browser as well, which reads addresses by the URL Standard', () => {
    const pieces = '127 0 1 01 0x7f 255 256 2130706433 . : :: [ ] % @ ffff localhost 80 a -'.split(' ');
    const piece = fc.constantFrom(...pieces);
    const text = fc.array(piece, { minLength: 1, maxLength: 10 }).map((chosen) => chosen.join(''));
    const shaped = fc.oneof(
      text,
      text.map((inner) => `[${inner}]`),
      fc.tuple(fc.constant(127), fc.nat(300), fc.nat(300), fc.nat(300)).map((parts) => parts.join('.')),
      fc.ipV6().map((address) => `[${address}]`),
    );
    fc.assert(
      fc.property(shaped, fc.option(fc.nat(70_000)), (host, port) => {
        const named = port === null ? host : `${host}:${port}`;
        if (!isAllowed(named)) return;
        expect(new URL(`http://${named}`).hostname).toMatch(/^(?:localhost|\[::1\]|127(?:\.\d{1,3}){3})$/);
      }),
      { numRuns: 5_000 },
    );
  });

  it('include where the API listens, when that is one place', () => {
    expect(allowedHosts('10.1.2.3', [])('10.1.2.3:8080')).toBe(true);
    expect(allowedHosts('sluice.internal', [])('Sluice.Internal')).toBe(true);
    expect(allowedHosts('fd00::7', [])('[fd00:0::7]:80')).toBe(true);
    for (const everywhere of ['0.0.0.0', '::', '']) {
      expect(allowedHosts(everywhere, [])('0.0.0.0')).toBe(false);
      expect(allowedHosts(everywhere, [])('[::]')).toBe(false);
      expect(allowedHosts(everywhere, [])('evil.example')).toBe(false);
    }
  });

  it('include those of HTTP_ALLOWED_HOSTS, with all ports or the one that is named', () => {
    const listed = allowedHosts('0.0.0.0', [
      'Sluice.example',
      'other.example:8443',
      'tls.example:443',
      'fd00::7',
    ]);
    for (const host of [
      'sluice.example',
      'SLUICE.example:9000',
      'other.example:8443',
      'tls.example',
      'tls.example:443',
      '[fd00::7]:8080',
      'localhost',
    ])
      expect([host, listed(host)]).toEqual([host, true]);
    for (const host of [
      'other.example',
      'other.example:80',
      'tls.example:80',
      'sub.sluice.example',
      'sluice.example.',
    ])
      expect([host, listed(host)]).toEqual([host, false]);
  });
});

it('an entry of the list is a host and nothing else', () => {
  for (const entry of ['sluice.example', 'sluice.example:80', '10.0.0.1', '[fd00::7]:80', 'fd00::7'])
    expect([entry, isHostEntry(entry)]).toEqual([entry, true]);
  for (const entry of ['', '*', '*.example', 'https://sluice.example', 'a/b', 'a b', 'a.', 'user@a'])
    expect([entry, isHostEntry(entry)]).toEqual([entry, false]);
});

it('an address is no name', () => {
  for (const host of ['10.0.0.1:8080', '[fd00::7]', '127.0.0.1'])
    expect([host, isAddress(host)]).toEqual([host, true]);
  for (const host of ['localhost', 'evil.example', '10.0.0.1.evil.example', '0x7f.1', '10.1'])
    expect([host, isAddress(host)]).toEqual([host, false]);
});
