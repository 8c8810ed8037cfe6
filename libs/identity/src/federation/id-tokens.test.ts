import { createHmac } from 'node:crypto';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose';
import { describe, expect, it } from 'vitest';
import { IdTokens } from './id-tokens.ts';
import { trustRulesField, type TrustRule } from './trust-rules.ts';

const issuer = 'https://tokens.example';
const rule: TrustRule = {
  name: 'payments-build',
  issuer,
  audience: 'sluice',
  claims: { repository_id: '42', ref: 'refs/heads/main' },
  roles: ['submitter'],
  minutes: 15,
};
const own = await generateKeyPair('RS256');
const other = await generateKeyPair('RS256');
const publicKey = { ...(await exportJWK(own.publicKey)), kid: 'one', alg: 'RS256' };

const fetched: string[] = [];
/** The issuer, as far as it is asked. */
function tokens(rules: TrustRule[] = [rule], documents: Record<string, unknown> = {}) {
  const answers: Record<string, unknown> = {
    [`${issuer}/.well-known/openid-configuration`]: { issuer, jwks_uri: `${issuer}/keys` },
    [`${issuer}/keys`]: { keys: [publicKey] },
    ...documents,
  };
  return new IdTokens(rules, async (url) => {
    fetched.push(url);
    const answer = answers[url];
    if (answer === undefined) throw new Error(`nothing at ${url}`);
    return Buffer.from(typeof answer === 'string' ? answer : JSON.stringify(answer));
  });
}

const claims: JWTPayload = {
  repository_id: 42,
  ref: 'refs/heads/main',
  sub: 'repo:acme/pay',
  jti: 'run-1',
  aud: 'sluice',
};
const seconds = () => Math.floor(Date.now() / 1_000);

function signed(
  more: JWTPayload = {},
  {
    key = own.privateKey,
    kid = 'one',
    without = [] as string[],
  }: { key?: CryptoKey; kid?: string; without?: string[] } = {},
): Promise<string> {
  const all = { iss: issuer, iat: seconds(), exp: seconds() + 300, ...claims, ...more };
  const kept = Object.fromEntries(Object.entries(all).filter(([name]) => !without.includes(name)));
  return new SignJWT(kept).setProtectedHeader({ alg: 'RS256', kid }).sign(key);
}

const codeOf = async (token: string | Promise<string>, of = tokens()) =>
  of.verify(await token).then(
    () => 'trusted',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

it('trusts a token of an issuer that a rule names, with the claims of the rule', async () => {
  const { rule: found, tokenId, expiresAt } = await tokens().verify(await signed());
  expect([found.name, tokenId]).toEqual(['payments-build', 'run-1']);
  expect(expiresAt.getTime()).toBeGreaterThan(Date.now());
});

it('takes the rule whose claims fit', async () => {
  const deploy = { ...rule, name: 'deploy', claims: { repository_id: '42', environment: 'production' } };
  const found = await tokens([rule, deploy]).verify(await signed({ ref: 'x', environment: 'production' }));
  expect(found.rule.name).toBe('deploy');
});

describe('refuses', () => {
  const unsigned = () =>
    `${part({ alg: 'none' })}.${part({ iss: issuer, exp: seconds() + 300, iat: seconds(), ...claims })}.`;
  const withSecret = async () => {
    const body = `${part({ alg: 'HS256', kid: 'one' })}.${part({ iss: issuer, exp: seconds() + 300, iat: seconds(), ...claims })}`;
    const secret = await exportSPKI(own.publicKey);
    return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
  };
  it.each<[string, () => string | Promise<string>]>([
    ['no signature', unsigned],
    ['a signature with the public key as the secret', withSecret],
    ['the signature of another key', () => signed({}, { key: other.privateKey })],
    ['a key that the issuer does not have', () => signed({}, { kid: 'two', key: other.privateKey })],
    ['another issuer', () => signed({ iss: 'https://other.example' })],
    ['an issuer that differs by a slash', () => signed({ iss: `${issuer}/` })],
    ['another audience', () => signed({ aud: 'other' })],
    ['a list of audiences with ours in it', () => signed({ aud: ['sluice', 'other'] })],
    ['a list of ours alone', () => signed({ aud: ['sluice'] })],
    ['a token that has ended', () => signed({ exp: seconds() - 120 })],
    ['a token that begins later', () => signed({ nbf: seconds() + 300 })],
    ['a token of last week', () => signed({ iat: seconds() - 7 * 86_400 })],
    ['a token that never ends', () => signed({}, { without: ['exp'] })],
    ['a token without an id', () => signed({}, { without: ['jti'] })],
    ['a token with an empty id', () => signed({ jti: '' })],
    ['another repository', () => signed({ repository_id: 43 })],
    ['a claim that only holds the wanted one', () => signed({ ref: 'refs/heads/main2' })],
    ['a claim that is a list', () => signed({ repository_id: ['42'] })],
    ['no token at all', () => 'slc_abc'],
    ['a token of megabytes', () => 'a'.repeat(1_000_000)],
  ])('%s', async (_, token) => expect(await codeOf(token())).toBe('access.token-refused'));
});

it('takes clocks that are a little apart', async () => {
  expect(await codeOf(signed({ exp: seconds() - 30 }))).toBe('trusted');
  expect(await codeOf(signed({ iat: seconds() + 30 }))).toBe('trusted');
});

describe('the keys of an issuer', () => {
  it('are asked for once, also for keys that it does not have', async () => {
    fetched.length = 0;
    const of = tokens();
    for (let at = 0; at < 20; at += 1)
      await codeOf(signed({}, { kid: `made-up-${at}`, key: other.privateKey }), of);
    expect(await codeOf(signed(), of)).toBe('trusted');
    expect(fetched).toEqual([`${issuer}/.well-known/openid-configuration`, `${issuer}/keys`]);
  });

  it.each<[string, Record<string, unknown>]>([
    [
      'is another issuer’s',
      {
        [`${issuer}/.well-known/openid-configuration`]: {
          issuer: 'https://evil.example',
          jwks_uri: `${issuer}/keys`,
        },
      },
    ],
    ['is no JSON', { [`${issuer}/.well-known/openid-configuration`]: '<html>' }],
    ['names no keys', { [`${issuer}/.well-known/openid-configuration`]: { issuer } }],
    ['leads to something else', { [`${issuer}/keys`]: '<html>' }],
  ])('are unavailable when its document %s', async (_, documents) => {
    expect(await codeOf(signed(), tokens([rule], documents))).toBe('access.issuer-unavailable');
  });

  it('may be named by the rule', async () => {
    const of = tokens([{ ...rule, keysUrl: `${issuer}/keys` }], {
      [`${issuer}/.well-known/openid-configuration`]: '<html>',
    });
    expect(await codeOf(signed(), of)).toBe('trusted');
  });
});

describe('a rule', () => {
  const faultOf = (change: object) => {
    const parsed = trustRulesField().safeParse(JSON.stringify([{ ...rule, ...change }]));
    return parsed.success ? 'taken' : parsed.error.issues.map(({ message }) => message).join('\n');
  };
  it.each([
    ['claims that stay', {}, 'taken'],
    ['a name with its id', { claims: { repository: 'acme/pay', repository_id: '42' } }, 'taken'],
    ['a name that others can take over', { claims: { repository: 'acme/pay' } }, 'repository_id'],
    ['nothing but a subject', { claims: { sub: 'repo:acme/pay' } }, 'sub'],
    ['no claims', { claims: {} }, 'must name a claim'],
    ['the right to approve', { roles: ['approver'] }, 'for people'],
    ['an unknown role', { roles: ['root'] }, 'roles'],
    ['a day', { minutes: 1_440 }, 'minutes'],
    ['a slip', { audiance: 'x' }, 'audiance'],
  ])('with %s', (_, change, fault) => expect(faultOf(change)).toContain(fault));

  it('list that is no JSON is not shown in the message', () => {
    const parsed = trustRulesField().safeParse('[{"secret');
    expect(parsed.error!.message).not.toContain('secret');
  });
});
