import { startFakeIdentityProvider } from '@sluice/testkit';
import { afterAll, expect, it } from 'vitest';
import { createInvitation } from '../../src/sign-in/invitations.ts';
import { testGateway } from '../gateway-kit.ts';
import { appWithSignIn, Browser, codeOf, redirectUri } from './sign-in-kit.ts';

const provider = await startFakeIdentityProvider(redirectUri);
afterAll(() => provider.stop());
const { deps: plain, postgres } = await testGateway();
// Nobody has a group: but for an invitation, nobody gets in.
const { app, deps } = appWithSignIn(plain, provider);
const invite = () => createInvitation(postgres.url, 'the first admin', 'machine:mira');

/** Follows an invitation as its page does. */
async function follow(token: string, subject: string): Promise<{ browser: Browser; response: Response }> {
  provider.person = { subject, claims: { email: `${subject}@example.org` } };
  const browser = new Browser(app);
  const begun = await browser.post('/v1/auth/invitation', { invitation: token });
  if (begun.status !== 200) return { browser, response: begun };
  const { url } = (await begun.json()) as { url: string };
  return { browser, response: (await browser.open(url)).response };
}

it('the person who signs in by an invitation is an admin from then on, and the audit says who made it', async () => {
  const { token } = await invite();
  const { browser } = await follow(token, 'mira');
  const me = async (of: Browser) => (await of.send('/v1/me')).json();
  expect(await me(browser)).toMatchObject({ grants: [{ roles: ['admin'], scopes: null }] });
  const again = new Browser(app);
  await again.open('/sign-in');
  expect(await me(again)).toMatchObject({ roles: ['admin'] });
  const acts = await deps.own<
    { actor: string; action: string }[]
  >`select actor, action from audit order by id limit 3`;
  expect(acts.map(({ actor, action }) => `${actor} ${action}`)).toEqual([
    'machine:mira invite',
    'mira@example.org accept-invitation',
    'mira@example.org sign-in',
  ]);
  expect(JSON.stringify(await deps.own`select * from invitations`)).not.toContain(token);
});

it('an invitation counts once', async () => {
  const { token } = await invite();
  await follow(token, 'noor');
  const { response } = await follow(token, 'zoe');
  expect(await codeOf(response)).toEqual([403, 'access.invitation-invalid']);
});

it('an invitation that two follow at once makes one of them an admin', async () => {
  const { token } = await invite();
  const browsers = [new Browser(app), new Browser(app)];
  const addresses: string[] = [];
  for (const browser of browsers) {
    const begun = await browser.post('/v1/auth/invitation', { invitation: token });
    addresses.push(((await begun.json()) as { url: string }).url);
  }
  provider.person = { subject: 'one', claims: { email: 'one@example.org' } };
  await browsers[0]!.open(addresses[0]!);
  provider.person = { subject: 'two', claims: { email: 'two@example.org' } };
  const { response } = await browsers[1]!.open(addresses[1]!);
  expect(await codeOf(response)).toEqual([403, 'access.invitation-invalid']);
  expect(await deps.own`select 1 from people where subject = 'two'`).toEqual([]);
});

it('an invitation counts for an hour, and another text is none', async () => {
  const { token, expiresAt } = await invite();
  expect((expiresAt.getTime() - Date.now()) / 60_000).toBeCloseTo(60, 0);
  await deps.own`update invitations set expires_at = now() where used_at is null`;
  for (const text of [token, 'x'.repeat(43)])
    expect(await codeOf((await follow(text, 'late')).response)).toEqual([403, 'access.invitation-invalid']);
});

it('the pages run their one script and nothing else', async () => {
  for (const path of ['/setup', '/device', '/signed-in']) {
    const page = await app.request(path);
    const policy = page.headers.get('content-security-policy')!;
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe');
    const text = await page.text();
    expect([...text.matchAll(/<script[^>]*>/g)].map(([tag]) => tag)).toEqual([
      '<script src="/pages/page.js">',
    ]);
    expect(text).not.toMatch(/\son\w+=|style=/);
  }
  const script = await (await app.request('/pages/page.js')).text();
  expect(script).not.toMatch(/innerHTML|insertAdjacentHTML|document\.write|eval\(/);
});
