import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forbiddenAddress } from './check-address.ts';
import { checkUrl, type EgressRules } from './check-url.ts';

const rules: EgressRules = { allowHosts: ['registry.example', '*.files.example', 'registry.example:8443'] };
const allows = (url: string, given: EgressRules = rules) => {
  try {
    return checkUrl(url, given).url.href;
  } catch {
    return null;
  }
};

describe('checkUrl', () => {
  it('lets allowed hosts pass, with the ports that are named', () => {
    expect(allows('https://registry.example/a')).toBe('https://registry.example/a');
    expect(allows('https://REGISTRY.example:443/a')).toBe('https://registry.example/a');
    expect(allows('https://registry.example:8443/')).not.toBeNull();
    expect(allows('https://eu.files.example/')).not.toBeNull();
    expect(allows('https://files.example/')).toBeNull();
    expect(allows('https://notfiles.example/')).toBeNull();
    expect(allows('https://eu.files.example:8443/')).toBeNull();
  });

  it('takes plain http only where the configuration says so', () => {
    expect(allows('http://registry.example/')).toBeNull();
    expect(allows('http://registry.example/', { ...rules, allowHttp: true })).not.toBeNull();
  });

  it('lets a trusted origin pass with exactly its scheme, host and port', () => {
    const trusting = { allowHosts: [], trustedOrigins: ['http://127.0.0.1:4873/npm/'] };
    expect(checkUrl('http://127.0.0.1:4873/lodash', trusting).privateAddresses).toBe(true);
    expect(allows('http://127.0.0.1:4874/lodash', trusting)).toBeNull();
    expect(allows('https://127.0.0.1:4873/lodash', trusting)).toBeNull();
    expect(allows('http://127.0.0.2:4873/lodash', trusting)).toBeNull();
    expect(allows('http://user@127.0.0.1:4873/lodash', trusting)).toBeNull();
  });

  it('never trusts a metadata address, whatever the configuration says', () => {
    for (const host of ['169.254.169.254', '[fd00:ec2::254]', '100.100.100.200']) {
      expect(
        allows(`http://${host}/`, { allowHosts: [host], trustedOrigins: [`http://${host}`] }),
      ).toBeNull();
    }
  });

  it('shows neither credentials nor control characters in its error', () => {
    expect(() => checkUrl('https://user:secret@registry.example/\u001b[31m', rules)).not.toThrow('\u001b');
    expect(() => checkUrl('https://user:secret@registry.example/', rules)).not.toThrow(/secret/);
  });

  it('throws egress.forbidden and nothing else for any text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl(),
          fc.ipV4().map((ip) => `https://${ip}/`),
        ),
        (text) => {
          try {
            expect(['registry.example', 'x.files.example']).toContain(checkUrl(text, rules).url.hostname);
          } catch (error) {
            expect(error).toMatchObject({ name: 'PermanentError', code: 'egress.forbidden' });
          }
        },
      ),
    );
  });
});

describe('forbiddenAddress', () => {
  it.each(['10.1.2.3', '127.0.0.1', '100.64.0.1', '::1', 'fd12::1', '203.0.113.8', '::ffff:192.168.0.1'])(
    'refuses %s unless trusted',
    (ip) => {
      expect(forbiddenAddress(ip, false)).not.toBeNull();
      expect(forbiddenAddress(ip, true)).toBeNull();
    },
  );

  it.each([
    '169.254.0.1',
    'fe80::1',
    '224.0.0.1',
    '0.0.0.0',
    '::',
    '255.255.255.255',
    '64:ff9b::7f00:1',
    'junk',
    '',
  ])('refuses %j even when trusted', (ip) => {
    expect(forbiddenAddress(ip, true)).not.toBeNull();
  });

  it('lets global unicast pass', () => {
    expect(forbiddenAddress('93.184.216.34', false)).toBeNull();
    expect(forbiddenAddress('2606:4700::1111', false)).toBeNull();
  });
});
