import { createHmac } from 'node:crypto';
import { startFakeHost, startFakeIdentityProvider } from '@sluice/testkit';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { returnPath } from '../../src/sign-in/return-path.ts';
import { testGateway } from '../gateway-kit.ts';
import { appWithSignIn, Browser, codeOf, publicUrl, redirectUri } from './sign-in-kit.ts';

const { deps } = await testGateway();
const groups = { OIDC_GROUPS: JSON.stringify([{ group: 'everyone', roles: ['viewer'] }]) };
const sessionCookie = '__Host-sluice';

/** A provider that answers as the test wants. */
const own = await generateKeyPair('RS256', { extractable: true });
const other = await generateKeyPair('RS256');
const publicKey = { ...(await exportJWK(own.publicKey)), kid: 'one', alg: 'RS256' };
let idToken = '';
const json = (value: object) => ({
  status: 200,
  type: 'application/json',
  body: Buffer.from(JSON.stringify(value)),
});
const host = await startFakeHost((path) => {
  if (path === '/.well-known/openid-configuration')
    return json({
      issuer: host.url,
      authorization_endpoint: `${host.url}/authorize`,
      token_endpoint: `${host.url}/token`,
      jwks_uri: `${host.url}/keys`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      // As providers that can do more than they should.
      id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
    });
  if (path === '/keys') return json({ keys: [publicKey] });
  if (path === '/token') return json({ access_token: 'a', token_type: 'Bearer', id_token: idToken });
  return { status: 404, type: 'text/plain', body: Buffer.from('') };
});
afterAll(() => host.stop());
const lying = appWithSignIn(
  deps,
  { url: host.url, clientId: 'sluice', clientSecret: 's'.repeat(43) },
  groups,
);

const seconds = () => Math.floor(Date.now() / 1_000);
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
type Changed = JWTPayload & { nonce?: string };
const claimsOf = (nonce: string, changed: Changed): JWTPayload => ({
  iss: host.url,
  aud: 'sluice',
  sub: 'mira-1',
  email: 'mira@example.org',
  groups: ['everyone'],
  iat: seconds(),
  exp: seconds() + 300,
  nonce,
  ...changed,
});
const signed = (nonce: string, changed: Changed = {}, key = own.privateKey) =>
  new SignJWT(claimsOf(nonce, changed)).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(key);

/** Begins a sign-in, has the provider answer with a token, and comes back with a code. */
async function comeBack(
  token: (nonce: string) => Promise<string> | string,
  query: (state: string) => Record<string, string> = (state) => ({ state, code: 'c' }),
  browser = new Browser(lying.app),
): Promise<{ browser: Browser; response: Response; address: string }> {
  const begun = new URL((await browser.send('/sign-in')).headers.get('location')!);
  idToken = await token(begun.searchParams.get('nonce')!);
  const state = begun.searchParams.get('state')!;
  const address = `/sign-in/callback?${new URLSearchParams(query(state)).toString()}`;
  return { browser, response: await browser.send(address), address };
}

describe('a token of the provider', () => {
  it('counts when it is right: the others below differ in one thing each', async () => {
    const { browser, response } = await comeBack((nonce) => signed(nonce));
    expect([response.status, response.headers.get('location')]).toEqual([303, '/']);
    expect(browser.cookies.has(sessionCookie)).toBe(true);
  });

  const withSecret = async (nonce: string, secret: string | Buffer) => {
    const body = `${part({ alg: 'HS256', kid: 'one' })}.${part(claimsOf(nonce, {}))}`;
    return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
  };
  it.each<[string, (nonce: string) => Promise<string> | string]>([
    ['has no signature', (nonce) => `${part({ alg: 'none' })}.${part(claimsOf(nonce, {}))}.`],
    [
      'is signed with the public key as the secret',
      async (nonce) => withSecret(nonce, await exportSPKI(own.publicKey)),
    ],
    ['is signed with the secret of the client', (nonce) => withSecret(nonce, 's'.repeat(43))],
    ['is signed by another key', (nonce) => signed(nonce, {}, other.privateKey)],
    ['is of another issuer', (nonce) => signed(nonce, { iss: 'https://evil.example' })],
    ['is of an issuer that differs by a slash', (nonce) => signed(nonce, { iss: `${host.url}/` })],
    ['is for another audience', (nonce) => signed(nonce, { aud: 'other' })],
    ['is for us and another', (nonce) => signed(nonce, { aud: ['sluice', 'other'], azp: 'sluice' })],
    ['has ended', (nonce) => signed(nonce, { exp: seconds() - 120 })],
    ['begins later', (nonce) => signed(nonce, { nbf: seconds() + 300 })],
    ['is of another sign-in', () => signed('another')],
    [
      'is of none',
      () =>
        new SignJWT(claimsOf('x', { nonce: undefined }))
          .setProtectedHeader({ alg: 'RS256', kid: 'one' })
          .sign(own.privateKey),
    ],
    ['names nobody', (nonce) => signed(nonce, { sub: '' })],
    ['is no token', () => 'a.b.c'],
  ])('that %s does not count', async (_, token) => {
    const { browser, response } = await comeBack(token);
    expect(await codeOf(response)).toEqual([401, 'access.sign-in-refused']);
    expect(browser.cookies.has(sessionCookie)).toBe(false);
  });

  it('that cannot be had is an outage, and no refusal', async () => {
    host.fail('/token', { status: 503 });
    const { response } = await comeBack((nonce) => signed(nonce));
    host.fail('/token', null);
    expect(await codeOf(response)).toEqual([503, 'access.issuer-unavailable']);
  });
});

describe('coming back from the provider', () => {
  const right = (nonce: string) => signed(nonce);

  it('with another state is refused', async () => {
    const { response } = await comeBack(right, () => ({ state: 'x'.repeat(43), code: 'c' }));
    expect(await codeOf(response)).toEqual([401, 'access.sign-in-refused']);
  });

  it('with a refusal says so', async () => {
    const { response } = await comeBack(right, (state) => ({ state, error: 'access_denied' }));
    expect(await codeOf(response)).toEqual([401, 'access.sign-in-refused']);
  });

  it('from another issuer is refused (RFC 9207)', async () => {
    const { response } = await comeBack(right, (state) => ({
      state,
      code: 'c',
      iss: 'https://evil.example',
    }));
    expect(await codeOf(response)).toEqual([401, 'access.sign-in-refused']);
  });

  it('counts once', async () => {
    const { browser, response, address } = await comeBack(right);
    expect(response.status).toBe(303);
    expect(await codeOf(await browser.send(address))).toEqual([400, 'access.sign-in-lost']);
  });

  it('counts in the browser where it began alone', async () => {
    const begun = new URL((await new Browser(lying.app).send('/sign-in')).headers.get('location')!);
    const victim = new Browser(lying.app);
    const address = `/sign-in/callback?state=${begun.searchParams.get('state')}&code=c`;
    expect(await codeOf(await victim.send(address))).toEqual([400, 'access.sign-in-lost']);
    await victim.send('/sign-in');
    expect(await codeOf(await victim.send(address))).toEqual([401, 'access.sign-in-refused']);
    expect(victim.cookies.has(sessionCookie)).toBe(false);
  });

  it('counts for ten minutes', async () => {
    const browser = new Browser(lying.app);
    const begun = new URL((await browser.send('/sign-in')).headers.get('location')!);
    await deps.own`update begun_sign_ins set expires_at = now()`;
    const address = `/sign-in/callback?state=${begun.searchParams.get('state')}&code=c`;
    expect(await codeOf(await browser.send(address))).toEqual([400, 'access.sign-in-lost']);
  });

  it('gives a session of its own, whatever cookie somebody has put into the browser', async () => {
    const planted = new Browser(lying.app);
    planted.cookies.set(sessionCookie, 'p'.repeat(43));
    await comeBack(right, undefined, planted);
    expect(planted.cookies.get(sessionCookie)).not.toBe('p'.repeat(43));
    const attacker = new Browser(lying.app);
    attacker.cookies.set(sessionCookie, 'p'.repeat(43));
    expect(await codeOf(await attacker.send('/v1/me'))).toEqual([401, 'access.session-ended']);
  });

  it('ends the session that the browser showed', async () => {
    const { browser } = await comeBack(right);
    const before = browser.cookies.get(sessionCookie)!;
    await comeBack(right, undefined, browser);
    const old = new Browser(lying.app);
    old.cookies.set(sessionCookie, before);
    expect(await codeOf(await old.send('/v1/me'))).toEqual([401, 'access.session-ended']);
    expect((await browser.send('/v1/me')).status).toBe(200);
  });
});

describe('the code of a real provider', () => {
  it('is worth nothing without the verifier of the browser that asked for it', async () => {
    const provider = await startFakeIdentityProvider(redirectUri);
    try {
      provider.person = { subject: 'm', claims: { email: 'm@example.org', groups: ['everyone'] } };
      const { app } = appWithSignIn(deps, provider, groups);
      const victim = new Browser(app);
      let at = (await victim.send('/sign-in')).headers.get('location')!;
      while (!at.startsWith(redirectUri))
        at = new URL((await victim.send(at)).headers.get('location')!, at).href;
      const code = new URL(at).searchParams.get('code')!;
      const attacker = new Browser(app);
      const begun = new URL((await attacker.send('/sign-in')).headers.get('location')!);
      const query = new URLSearchParams({ code, state: begun.searchParams.get('state')!, iss: provider.url });
      expect(await codeOf(await attacker.send(`/sign-in/callback?${query.toString()}`))).toEqual([
        401,
        'access.sign-in-refused',
      ]);
    } finally {
      await provider.stop();
    }
  });

  it('comes with what the userinfo endpoint alone says', async () => {
    const provider = await startFakeIdentityProvider(redirectUri, { inToken: false });
    try {
      provider.person = { subject: 'u', claims: { email: 'u@example.org', groups: ['everyone'] } };
      const browser = new Browser(appWithSignIn(deps, provider, groups).app);
      await browser.open('/sign-in');
      expect(await (await browser.send('/v1/me')).json()).toMatchObject({ name: 'u@example.org' });
    } finally {
      await provider.stop();
    }
  });
});

describe('the path after a sign-in', () => {
  it.each([
    ['/requests?state=open#top', '/requests?state=open#top'],
    ['/', '/'],
    [undefined, '/'],
    ['', '/'],
    ['https://evil.example', '/'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['/.//evil.example', '/'],
    ['/a/..//evil.example', '/'],
    ['/\t/evil.example', '/'],
    ['javascript:alert(1)', '/'],
    [' /a', '/'],
  ])('%j is %j', (asked, path) => expect(returnPath(asked)).toBe(path));

  it('is not without an end', () => expect(returnPath(`/${'a'.repeat(3_000)}`)).toBe('/'));

  it('is one of this site, whatever is asked for', () => {
    const odd = fc.stringMatching(/^[/\\.@:a%09\t\n ]{0,20}evil\.example$/);
    fc.assert(
      fc.property(fc.oneof(fc.string(), odd, fc.webUrl()), (asked) => {
        expect(new URL(returnPath(asked), publicUrl).origin).toBe(publicUrl);
      }),
      { numRuns: 300 },
    );
  });
});
