import { startFakeIdentityProvider } from '@sluice/testkit';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { newUserCode, readUserCode, shownUserCode } from '../../src/device/user-code.ts';
import { testGateway } from '../gateway-kit.ts';
import { appWithSignIn, Browser, codeOf, publicUrl, redirectUri } from './sign-in-kit.ts';

const provider = await startFakeIdentityProvider(redirectUri);
afterAll(() => provider.stop());
const { deps: plain } = await testGateway();
const groups = [{ group: 'payments', roles: ['submitter'], scopes: ['team-a'] }];
const { app, deps } = appWithSignIn(plain, provider, { OIDC_GROUPS: JSON.stringify(groups) });

let people = 0;
beforeEach(() => {
  people += 1;
  provider.person = {
    subject: `s-${people}`,
    claims: { email: `p${people}@example.org`, groups: ['payments'] },
  };
});

async function signIn(): Promise<Browser> {
  const browser = new Browser(app);
  await browser.open('/sign-in');
  return browser;
}
const post = (path: string, body: object, headers: Record<string, string> = {}) =>
  app.request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const ask = async () => {
  const response = await post('/v1/auth/device', { client: 'sluice on laptop' });
  expect(response.status).toBe(201);
  return (await response.json()) as { deviceCode: string; userCode: string; intervalSeconds: number };
};
const poll = (deviceCode: string) => post('/v1/auth/device/token', { deviceCode });
/** As if the command line had waited. */
const waited = () => deps.own`update device_codes set polled_at = polled_at - interval '1 minute'`;

describe('a command line', () => {
  it('gets the rights of the person who approves it, once, and loses them by signing out', async () => {
    const asked = await ask();
    expect(asked).toMatchObject({
      userCode: expect.stringMatching(/^[B-Z]{4}-[B-Z]{4}$/) as string,
      verificationUri: `${publicUrl}/device`,
      expiresInSeconds: 600,
      intervalSeconds: 5,
    });
    expect(await codeOf(await poll(asked.deviceCode))).toEqual([400, 'device.pending']);
    const browser = await signIn();
    const typed = asked.userCode.toLowerCase().replace('-', ' ');
    const found = await browser.post('/v1/auth/device/find', { userCode: typed });
    expect(await found.json()).toMatchObject({ client: 'sluice on laptop' });
    const decided = await browser.post('/v1/auth/device/decide', { userCode: typed, decision: 'approve' });
    expect(decided.status).toBe(200);
    const answer = await poll(asked.deviceCode);
    expect(answer.status).toBe(201);
    const { token, name, expiresAt } = (await answer.json()) as Record<
      'token' | 'name' | 'expiresAt',
      string
    >;
    expect(token).toMatch(/^sls_[\w-]{43}$/);
    expect((Date.parse(expiresAt) - Date.now()) / 3_600_000).toBeCloseTo(12, 1);
    const authorization = `Bearer ${token}`;
    const me = () => app.request('/v1/me', { headers: { authorization } });
    expect(await (await me()).json()).toMatchObject({
      name,
      grants: [{ roles: ['submitter'], scopes: ['team-a'] }],
    });
    const asCookie = await app.request('/v1/me', { headers: { cookie: `__Host-sluice=${token}` } });
    expect(await codeOf(asCookie)).toEqual([401, 'access.session-ended']);
    expect(await codeOf(await poll(asked.deviceCode))).toEqual([400, 'device.expired']);
    const acts = await deps.own<
      { action: string }[]
    >`select action from audit where actor = ${name} order by id`;
    expect(acts.map(({ action }) => action)).toEqual(['sign-in', 'approve-device', 'sign-in']);
    expect((await post('/v1/auth/sign-out', {}, { authorization })).status).toBe(200);
    expect(await codeOf(await me())).toEqual([401, 'access.session-ended']);
    expect(JSON.stringify(await deps.own`select * from device_codes`)).not.toContain(asked.deviceCode);
  });

  it('that is refused learns so', async () => {
    const { deviceCode, userCode } = await ask();
    await (await signIn()).post('/v1/auth/device/decide', { userCode, decision: 'deny' });
    expect(await codeOf(await poll(deviceCode))).toEqual([403, 'device.denied']);
  });

  it('that asks too often has to wait longer', async () => {
    const { deviceCode } = await ask();
    expect(await codeOf(await poll(deviceCode))).toEqual([400, 'device.pending']);
    expect(await codeOf(await poll(deviceCode))).toEqual([400, 'device.slow-down']);
    await waited();
    const patient = await poll(deviceCode);
    expect(await patient.json()).toMatchObject({
      code: 'device.pending',
      detail: expect.stringContaining('10 s') as string,
    });
  });

  it('waits for ten minutes', async () => {
    const { deviceCode, userCode } = await ask();
    const browser = await signIn();
    await deps.own`update device_codes set expires_at = now()`;
    expect(
      await codeOf(await browser.post('/v1/auth/device/decide', { userCode, decision: 'approve' })),
    ).toEqual([404, 'device.not-found']);
    expect(await codeOf(await poll(deviceCode))).toEqual([400, 'device.expired']);
  });

  it('is approved by a person with a browser alone, from a page of the API', async () => {
    const { deviceCode, userCode } = await ask();
    const browser = await signIn();
    const approve = { userCode, decision: 'approve' };
    expect(await codeOf(await post('/v1/auth/device/decide', approve))).toEqual([
      401,
      'access.unauthenticated',
    ]);
    const cross = await browser.send('/v1/auth/device/decide', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(approve),
    });
    expect(await codeOf(cross)).toEqual([403, 'origin.not-allowed']);
    await browser.post('/v1/auth/device/decide', approve);
    const { token } = (await (await poll(deviceCode)).json()) as { token: string };
    const other = await ask();
    const byToken = await post(
      '/v1/auth/device/decide',
      { userCode: other.userCode, decision: 'approve' },
      { authorization: `Bearer ${token}` },
    );
    expect(await codeOf(byToken)).toEqual([403, 'access.browser-only']);
  });
});

it('a person tries five codes in ten minutes, at any replica', async () => {
  const browser = await signIn();
  const find = async (userCode: string) => (await browser.post('/v1/auth/device/find', { userCode })).status;
  for (let tried = 0; tried < 5; tried += 1) expect(await find('BBBB-BBBB')).toBe(404);
  expect(await find((await ask()).userCode)).toBe(429);
  await deps.own`update quotas set resets_at = now()`;
  expect(await find((await ask()).userCode)).toBe(200);
});

it('a code is read as people type it, and nothing else is', () => {
  const code = newUserCode();
  for (const typed of [code, shownUserCode(code), code.toLowerCase(), ` ${shownUserCode(code)} `])
    expect(readUserCode(typed)).toBe(code);
  for (const typed of ['', 'AAAA-AAAA', 'BCDF', `${code}B`, '%', 'BCDF-GHJ0'])
    expect(readUserCode(typed)).toBeNull();
});
