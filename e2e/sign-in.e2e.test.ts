import { freePort } from '@sluice/servers';
import { findChromium, startFakeIdentityProvider } from '@sluice/testkit';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser } from './console-browser.ts';
import { listen } from '../services/gateway/src/http/http-server.ts';
import { createInvitation } from '../services/gateway/src/sign-in/invitations.ts';
import { testGateway } from '../services/gateway/test/gateway-kit.ts';
import { appWithSignIn } from '../services/gateway/test/sign-in/sign-in-kit.ts';

const chromium = findChromium();
if (chromium === null)
  console.warn(
    'No Chromium: the pages of the sign-in are not tested. Install one, or name it in SLUICE_CHROMIUM.',
  );
const port = await freePort();
const publicUrl = `http://127.0.0.1:${port}`;
const provider = await startFakeIdentityProvider(`${publicUrl}/sign-in/callback`);
const { deps, postgres } = await testGateway();
const { app } = appWithSignIn(deps, provider, {
  PUBLIC_URL: publicUrl,
  OIDC_GROUPS: JSON.stringify([{ group: 'payments', roles: ['submitter'] }]),
});
const { stop } = await listen(app, { host: '127.0.0.1', port });
afterAll(async () => {
  await stop();
  await provider.stop();
});

describe.skipIf(chromium === null)('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser(chromium!);
  });
  afterAll(() => browser.close());

  /** A browser of a person's own, and what its policy or its scripts complained of. */
  async function person(subject: string, groups: string[]): Promise<{ page: Page; complaints: string[] }> {
    provider.person = { subject, claims: { email: `${subject}@example.org`, groups } };
    const page = await (await browser.newContext()).newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        complaints.push(message.text());
    });
    return { page, complaints };
  }

  it('a person signs in, sees as whom, and signs out', async () => {
    const { page, complaints } = await person('mira', ['payments']);
    await page.goto(`${publicUrl}/sign-in?to=/signed-in`);
    await page.getByText('You are signed in as mira@example.org.').waitFor();
    await page.getByText('submitter in all scopes').waitFor();
    // Cookies know no ports: those of the provider are of the same host.
    const session = async () => (await page.context().cookies()).find(({ name }) => name === '__Host-sluice');
    expect(await session()).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Lax' });
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You have signed out.').waitFor();
    expect(await session()).toBeUndefined();
    expect(complaints).toEqual([]);
  });

  it('a person without a role reads which groups arrived', async () => {
    const { page } = await person('noor', ['sales']);
    await page.goto(`${publicUrl}/sign-in`);
    await page.getByText('The groups that arrived: sales.').waitFor();
  });

  it('the person who was invited becomes admin, and the token stays in no address', async () => {
    const { page, complaints } = await person('root', []);
    const { token } = await createInvitation(postgres.url, 'set up', 'machine:test');
    await page.goto(`${publicUrl}/setup#${token}`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    // The console, or the page of the API where none was built.
    await page.waitForURL((url) => url.origin === publicUrl && ['/', '/docs'].includes(url.pathname));
    await page.goto(`${publicUrl}/signed-in`);
    await page.getByText('admin in all scopes').waitFor();
    expect(complaints).toEqual([]);
  });

  it('a person approves a command line after seeing what asks', async () => {
    const { page, complaints } = await person('zoe', ['payments']);
    const post = async (path: string, body: object) =>
      (await (
        await fetch(publicUrl + path, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })
      ).json()) as Record<string, string>;
    const asked = await post('/v1/auth/device', { client: 'sluice on laptop' });
    await page.goto(`${publicUrl}/sign-in?to=/device`);
    await page.goto(asked['verificationUriComplete']!);
    await page.reload();
    await page.getByLabel('Code of the command line').fill(asked['userCode']!);
    await page.getByRole('button', { name: 'Look it up' }).click();
    await page.getByText('“sluice on laptop” asked').waitFor();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('It has signed in.').waitFor();
    const { name } = await post('/v1/auth/device/token', { deviceCode: asked['deviceCode']! });
    expect(name).toBe('zoe@example.org');
    expect(complaints).toEqual([]);
  });
});
