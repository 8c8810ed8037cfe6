import type { Principal } from '@sluice/api';
import { withOutbox } from '@sluice/delivery';
import { startFakeIdentityProvider } from '@sluice/testkit';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createKey } from '../../src/access/api-keys.ts';
import { insertRequest, testGateway } from '../gateway-kit.ts';
import { appWithSignIn, Browser, codeOf, publicUrl, redirectUri } from './sign-in-kit.ts';

const provider = await startFakeIdentityProvider(redirectUri);
afterAll(() => provider.stop());
const { deps: plain } = await testGateway();
const groups = [
  { group: 'everyone', roles: ['viewer'] },
  { group: 'payments', roles: ['submitter', 'approver'], scopes: ['team-a'] },
];
const settings = {
  OIDC_GROUPS: JSON.stringify(groups),
  ADMIN_SUBJECTS: `${provider.url}|root-7`,
  SESSION_IDLE_MINUTES: '60',
  SESSION_HOURS: '8',
};
const { app, deps } = appWithSignIn(plain, provider, settings);

beforeEach(() => {
  provider.person = {
    subject: 'mira-1',
    claims: { email: 'mira@example.org', email_verified: true, groups: ['everyone', 'payments'] },
  };
});

const sessionCookie = '__Host-sluice';
async function signIn(address = '/sign-in'): Promise<Browser> {
  const browser = new Browser(app);
  const { trail, response } = await browser.open(address);
  expect(response.status, await response.clone().text()).toBe(200);
  expect(trail.at(-1)).not.toContain('/sign-in/callback');
  return browser;
}
const me = async (browser: Browser) => browser.send('/v1/me');

describe('a person', () => {
  it('signs in by the provider, and is then known by a cookie that scripts and other sites do not get', async () => {
    const browser = new Browser(app);
    const begun = await browser.send('/sign-in');
    const asked = new URL(begun.headers.get('location')!);
    expect(asked.origin).toBe(provider.url);
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
      state: expect.stringMatching(/^[\w-]{43}$/) as string,
      nonce: expect.stringMatching(/^[\w-]{43}$/) as string,
      redirect_uri: redirectUri,
    });
    const { trail, response } = await browser.open(asked.href);
    expect(trail).toContain(`${publicUrl}/`);
    expect(response.status).toBe(200);
    const again = new Browser(app);
    const { trail: to } = await again.open('/sign-in');
    const callback = to.find((address) => address.includes('/sign-in/callback'))!;
    expect(callback).toContain('code=');
    expect(await (await me(browser)).json()).toEqual({
      id: 'person:mira@example.org',
      kind: 'person',
      name: 'mira@example.org',
      roles: ['viewer', 'submitter', 'approver'],
      scopes: null,
      grants: [
        { roles: ['viewer'], scopes: null },
        { roles: ['submitter', 'approver'], scopes: ['team-a'] },
      ],
      keyId: null,
      sessionId: expect.any(String) as string,
    });
  });

  it('gets a cookie for this host alone', async () => {
    const browser = new Browser(app);
    const { trail } = await browser.open((await browser.send('/sign-in')).headers.get('location')!);
    expect(trail).toContain(`${publicUrl}/`);
    const fresh = new Browser(app);
    const begun = await fresh.send('/sign-in');
    expect(begun.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^__Host-sluice-sign-in=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
      ),
    ]);
    let at = begun.headers.get('location')!;
    let answer = begun;
    while (at !== `${publicUrl}/`) {
      answer = await fresh.send(at);
      at = new URL(answer.headers.get('location')!, at).href;
    }
    expect(answer.headers.getSetCookie()).toContainEqual(
      expect.stringMatching(
        /^__Host-sluice=[\w-]{43}; Max-Age=28800; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
      ),
    );
    const kept = JSON.stringify(await deps.own`select * from sessions`);
    expect(kept).not.toContain(fresh.cookies.get(sessionCookie)!);
  });

  it('has each role in its own scopes alone', async () => {
    const browser = await signIn();
    const open = await insertRequest(deps.read, ['a'], { scope: 'default' });
    expect((await browser.send(`/v1/requests/${open}`)).status).toBe(200);
    const cancel = (id: string) => browser.post(`/v1/requests/${id}/cancel`, { reason: 'r' });
    expect(await codeOf(await cancel(open))).toEqual([404, 'request.not-found']);
    const approve = (scope: string) =>
      browser.post(`/v1/packages/pkg%3Anpm%2Fa%401.0.0/approve?scope=${scope}`, { reason: 'r' });
    expect(await codeOf(await approve('default'))).toEqual([403, 'access.forbidden']);
    expect((await approve('team-a')).status).not.toBe(403);
  });

  it('is told of the groups that arrived when none of them gives a role, and the audit has it', async () => {
    provider.person = {
      subject: 'noor-1',
      claims: { email: 'noor@example.org', groups: ['sales', 'berlin'] },
    };
    const browser = new Browser(app);
    const { trail, response } = await browser.open('/sign-in');
    expect(trail.at(-1)).toContain('/sign-in/callback');
    expect(browser.cookies.has(sessionCookie)).toBe(false);
    const problem = (await response.json()) as { code: string; detail: string };
    expect([response.status, problem.code]).toEqual([403, 'access.no-role']);
    expect(problem.detail).toContain('sales, berlin');
    const denied = await deps.own<{ detail: object }[]>`
      select detail from audit where actor = 'noor@example.org' and outcome = 'denied'`;
    expect(denied).toMatchObject([{ detail: { code: 'access.no-role', subject: 'noor-1' } }]);
    expect(await deps.own`select 1 from people where subject = 'noor-1'`).toEqual([]);
  });

  it('is refused, and not taken for one of few groups, when the provider left groups out', async () => {
    provider.person = {
      subject: 'many-1',
      claims: { email: 'many@example.org', _claim_names: { groups: 'src1' } },
    };
    const { response } = await new Browser(app).open('/sign-in');
    expect(await codeOf(response)).toEqual([403, 'access.groups-overage']);
  });

  it('is an admin by the subject that the configuration names', async () => {
    provider.person = { subject: 'root-7', claims: { email: 'root@example.org' } };
    const found = (await (await me(await signIn())).json()) as Principal;
    expect(found.grants).toEqual([{ roles: ['admin'], scopes: null }]);
  });

  it('keeps the name of the first sign-in, and nobody else gets it', async () => {
    await signIn();
    provider.person.claims = { ...provider.person.claims, email: 'renamed@example.org' };
    expect(await (await me(await signIn())).json()).toMatchObject({ name: 'mira@example.org' });
    provider.person = { subject: 'mira-2', claims: { email: 'mira@example.org', groups: ['everyone'] } };
    const { response } = await new Browser(app).open('/sign-in');
    expect(await codeOf(response)).toEqual([403, 'access.name-taken']);
  });

  it.each([
    ['says is not verified', 'sub-9', false],
    ['does not say is verified', 'sub-10', undefined],
    ['says is verified in a text', 'sub-11', 'true'],
  ])('whose address the provider %s goes by the subject', async (_, subject, email_verified) => {
    provider.person = {
      subject,
      claims: { email: 'boss@example.org', email_verified, groups: ['everyone'] },
    };
    expect(await (await me(await signIn())).json()).toMatchObject({ name: subject });
  });

  it('gets no name that a key of a service has, and keeps the one from before', async () => {
    await signIn();
    const wish = { kind: 'service' as const, roles: ['viewer' as const], scopes: null, reason: 'r' };
    for (const name of ['ci@example.org', 'mira@example.org'])
      await withOutbox(deps.own, (tx) => createKey(tx, { ...wish, name }, 'root', new Date()));
    provider.person = { subject: 'ci-1', claims: { email: 'ci@example.org', groups: ['everyone'] } };
    const { response } = await new Browser(app).open('/sign-in');
    expect(await codeOf(response)).toEqual([403, 'access.name-taken']);
    provider.person = { subject: 'mira-1', claims: { email: 'mira@example.org', groups: ['everyone'] } };
    expect(await (await me(await signIn())).json()).toMatchObject({ name: 'mira@example.org' });
  });

  it('has the rights of the groups at each sign-in', async () => {
    await signIn();
    provider.person.claims = { ...provider.person.claims, groups: ['everyone'] };
    expect(await (await me(await signIn())).json()).toMatchObject({ roles: ['viewer'] });
  });

  it('reads a page where a program reads a problem', async () => {
    provider.person = { subject: 'x-1', claims: { email: 'x@example.org', groups: ['<script>'] } };
    const browser = new Browser(app);
    const { trail } = await browser.open('/sign-in');
    const lost = await browser.send(trail.at(-1)!, { headers: { accept: 'text/html' } });
    expect([lost.status, lost.headers.get('content-type')]).toEqual([400, 'text/html; charset=UTF-8']);
    expect(await lost.text()).toContain('access.sign-in-lost');
  });
});

describe('a session', () => {
  it('ends by signing out, and is in the list of its own person alone until then', async () => {
    const [one, other] = [await signIn(), await signIn()];
    const list = async (browser: Browser) =>
      ((await (await browser.send('/v1/sessions')).json()) as { items: { id: string }[] }).items.map(
        ({ id }) => id,
      );
    const { sessionId } = (await (await me(other)).json()) as Principal;
    expect(await list(one)).toContain(sessionId);
    provider.person = { subject: 'zoe-1', claims: { email: 'zoe@example.org', groups: ['everyone'] } };
    const stranger = await signIn();
    expect(await list(stranger)).toHaveLength(1);
    expect(await codeOf(await stranger.post(`/v1/sessions/${sessionId}/end`, {}))).toEqual([
      404,
      'access.session-not-found',
    ]);
    const cookie = one.cookies.get(sessionCookie)!;
    expect((await one.post(`/v1/sessions/${sessionId}/end`, {})).status).toBe(200);
    expect(await codeOf(await me(other))).toEqual([401, 'access.session-ended']);
    expect((await one.post('/v1/auth/sign-out', {})).status).toBe(200);
    expect(one.cookies.has(sessionCookie)).toBe(false);
    one.cookies.set(sessionCookie, cookie);
    expect(await codeOf(await me(one))).toEqual([401, 'access.session-ended']);
    const acts = await deps.own`
      select action from audit where subject = ${`session ${sessionId}`} order by id`;
    expect(acts.map(({ action }) => action as string)).toEqual(['sign-in', 'sign-out']);
  });

  it('ends when it is not used, and after its time however much it is', async () => {
    const [idle, old] = [await signIn(), await signIn()];
    const { sessionId } = (await (await me(idle)).json()) as Principal;
    const { sessionId: oldId } = (await (await me(old)).json()) as Principal;
    await deps.own`update sessions set last_used_at = now() - interval '59 minutes' where id = ${sessionId}`;
    expect((await me(idle)).status).toBe(200);
    await deps.own`update sessions set last_used_at = now() - interval '60 minutes' where id = ${sessionId}`;
    expect(await codeOf(await me(idle))).toEqual([401, 'access.session-ended']);
    const [{ hours }] = (await deps.own`
      select extract(epoch from expires_at - created_at)::int / 3600 as hours from sessions where id = ${oldId!}`) as unknown as [
      { hours: number },
    ];
    expect(hours).toBe(8);
    await deps.own`update sessions set expires_at = now() where id = ${oldId}`;
    expect(await codeOf(await me(old))).toEqual([401, 'access.session-ended']);
  });

  it('changes nothing for a request that does not come from a page of the API', async () => {
    const browser = await signIn();
    const headers = { 'content-type': 'application/json' };
    const send = (more: Record<string, string>) =>
      browser.send('/v1/auth/sign-out', { method: 'POST', headers: { ...headers, ...more }, body: '{}' });
    for (const more of [
      {},
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'none' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ])
      expect(await codeOf(await send(more as Record<string, string>)), JSON.stringify(more)).toEqual([
        403,
        'origin.not-allowed',
      ]);
    expect((await me(browser)).status).toBe(200);
  });

  it('does not count as a key, and a key not as a session', async () => {
    const browser = await signIn();
    const cookie = browser.cookies.get(sessionCookie)!;
    const shown = await app.request('/v1/me', { headers: { authorization: `Bearer ${cookie}` } });
    expect(await codeOf(shown)).toEqual([401, 'access.key-invalid']);
  });
});
