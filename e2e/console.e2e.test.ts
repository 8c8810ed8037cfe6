import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fakeNpmRegistry } from '@sluice/ecosystems/npm/testkit';
import { startStack, stackServices, type Stack } from '@sluice/embedded';
import { freePort } from '@sluice/servers';
import { findChromium, findRepositoryRoot, waitFor, zipOf } from '@sluice/testkit';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { expectAccessible, person, startBrowser, type Person } from './console-browser.ts';

const chromium = findChromium();
if (chromium === null)
  console.warn('No Chromium: the console is not tested. Install one, or name it in SLUICE_CHROMIUM.');

/** What a package may say of itself. */
const hostileLicense = '<img src=x onerror="window.hacked=1">';
const loaded = (page: Page) => page.getByLabel('Loading').first().waitFor({ state: 'detached' });
const waiting = Array.from({ length: 12 }, (_, index) => `wants-review-${index + 10}`);

describe.skipIf(chromium === null)('the console', () => {
  let stack: Stack;
  let browser: Browser;
  let folder: string;
  let requestId: string;

  const api = async <Data>(address: string, body?: unknown): Promise<Data> => {
    const response = await fetch(stack.info.apiUrl + address, {
      headers: { authorization: `Bearer ${stack.info.apiKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    expect([address, response.ok]).toEqual([address, true]);
    return (await response.json()) as Data;
  };
  const submit = async (names: readonly string[]) => {
    const purls = names.map((name) => `pkg:npm/${name}@1.0.0`);
    const { id } = await api<{ id: string }>('/v1/requests', purls);
    await waitFor(async () => {
      const { state } = await api<{ state: string }>(`/v1/requests/${id}`);
      return state === 'completed' ? true : undefined;
    });
    return id;
  };
  const opened = async (
    options?: Parameters<typeof person>[2],
    apiKey = stack.info.apiKey,
  ): Promise<Person> => {
    const someone = await person(browser, { apiUrl: stack.info.apiUrl, apiKey }, options);
    onTestFinished(() => someone.close());
    return someone;
  };

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sluice-console-'));
    await build({ root: path.join(findRepositoryRoot(), 'console'), logLevel: 'error' });
    const registry = await fakeNpmRegistry();
    const publish = (name: string, license: string) =>
      registry.publish({
        name,
        version: '1.0.0',
        manifest: { license },
        publishedAt: '2024-01-01T00:00:00.000Z',
      });
    for (const name of [...waiting, 'seen-live', 'seen-later']) publish(name, 'MIT');
    publish('hostile', hostileLicense);
    const env = {
      PATH: process.env['PATH'],
      NPM_REGISTRY_URL: registry.url,
      ADVISORIES_URL: 'off',
      SLUICE_NATS_SERVER: process.env['SLUICE_NATS_SERVER'],
    };
    const ports = { port: await freePort(), gatePort: await freePort() };
    stack = await startStack({
      stateFolder: path.join(folder, 'state'),
      services: stackServices,
      env,
      ...ports,
    });
    browser = await startBrowser(chromium!);
    requestId = await submit([...waiting, 'hostile']);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const screens = () => [
    '/',
    '/approvals',
    '/requests',
    `/requests/${requestId}`,
    '/batches',
    '/projects',
    '/packages',
    '/packages/pkg%3Anpm%2Fhostile%401.0.0',
    '/submit',
    '/operations',
    '/dead-letters',
    '/installs',
    '/audit',
    '/keys',
    '/policy',
    '/webhooks',
  ];

  it.each(['light', 'dark'] as const)('is accessible on every screen, %s', async (colorScheme) => {
    const { page, open, complaints } = await opened({ colorScheme });
    for (const address of screens()) {
      await open(address);
      await loaded(page);
      await expectAccessible(page);
    }
    expect(complaints).toEqual([]);
  });

  it('fits a narrow screen', async () => {
    const { page, open } = await opened({ viewport: { width: 320, height: 640 } });
    for (const address of screens()) {
      await open(address);
      await loaded(page);
      const width = await page.evaluate<number>('document.documentElement.scrollWidth');
      expect([address, width]).toEqual([address, 320]);
    }
  });

  it('takes a list, and shows what becomes of it without being asked again', async () => {
    const { page, open } = await opened();
    await open('/submit', 'Submit');
    await page.getByLabel('One purl a line').fill('pkg:npm/seen-live@1.0.0');
    await page.getByRole('button', { name: 'Submit the list' }).click();
    await page.getByRole('heading', { level: 1, name: 'purls.json' }).waitFor();
    await page.getByText('completed', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'seen-live 1.0.0' }).click();
    await page.getByRole('heading', { level: 1, name: 'npm/seen-live@1.0.0' }).waitFor();
    await page.getByText('No advisories are loaded.').waitFor();
  });

  it('takes a ZIP, and shows what became of each file', async () => {
    const { page, open } = await opened();
    await open('/submit', 'Submit');
    const lockfile = JSON.stringify({
      lockfileVersion: 3,
      packages: { '': {}, 'node_modules/seen-live': { version: '1.0.0' } },
    });
    const buffer = zipOf({ 'a/package-lock.json': lockfile, 'README.md': 'nothing' });
    await page.getByLabel('File').setInputFiles({ name: 'all.zip', mimeType: 'application/zip', buffer });
    await page.getByRole('heading', { level: 1, name: 'all.zip' }).waitFor();
    await page.getByRole('link', { name: 'a/package-lock.json' }).waitFor();
    await page.getByText('README.md').waitFor();
  });

  it('has many decided by keys alone', async () => {
    const { page, open } = await opened();
    await open('/approvals', 'Approvals');
    await page.getByRole('link', { name: /wants-review-10/ }).waitFor();
    // The first in the list is not among them.
    for (const key of ['j', 'j', 'x', 'j', 'x', 'j', 'x', 'a']) await page.keyboard.press(key);
    await page.getByRole('heading', { name: 'Approve 3 package versions' }).waitFor();
    await page.keyboard.type('They are ours.');
    await page.keyboard.press('Control+Enter');
    await page.getByText('3 approved.').waitFor();
    const reasons = await waitFor(async () => {
      const address = '/v1/packages?decision=approved';
      const { items } = await api<{ items: { decision: { reason: string } }[] }>(address);
      return items.length < 3 ? undefined : items.map(({ decision }) => decision.reason);
    });
    expect(reasons).toEqual(Array.from({ length: 3 }, () => 'They are ours.'));
    await page.keyboard.press('?');
    await page.getByRole('heading', { name: 'Keys' }).waitFor();
  });

  it('decides what was chosen, whatever others decide meanwhile', async () => {
    const { page, open } = await opened();
    await open('/approvals', 'Approvals');
    const links = page.getByRole('link', { name: /^npm\/wants-review/ });
    await links.first().waitFor();
    const [first, second] = (await links.allTextContents()).slice(0, 2) as [string, string];
    const position = (name: string) => page.getByRole('row', { name }).getAttribute('aria-rowindex');
    for (let steps = Number(await position(second)) - 2; steps > 0; steps -= 1)
      await page.keyboard.press('j');
    await page.keyboard.press('a');
    await page.getByRole('dialog').getByText(second).waitFor();
    await api(`/v1/packages/pkg:${first}/approve`, { reason: 'By somebody else.' });
    await page.getByRole('link', { name: first, exact: true }).waitFor({ state: 'detached' });
    await page.keyboard.type('This one.');
    await page.keyboard.press('Control+Enter');
    await page.getByText('1 approved.').waitFor();
    const { decision } = await waitFor(async () => {
      const found = await api<{ decision: { reason: string } | null }>(`/v1/packages/pkg:${second}`);
      return found.decision ? found : undefined;
    });
    expect(decision?.reason).toBe('This one.');
  });

  it('shows text out of packages as text', async () => {
    const { page, open, complaints } = await opened();
    // The services let no such character through; the page does not rely on them.
    await page.route('**/v1/packages/**', async (route) => {
      const response = await route.fetch();
      await route.fulfill({
        response,
        body: (await response.text()).replaceAll('No advisories', 'No\u202E advisories'),
      });
    });
    await open('/packages/pkg%3Anpm%2Fhostile%401.0.0');
    await page.getByText('<img src=x onerror="window.hacked=1">').first().waitFor();
    await page.getByText('<U+202E>').first().waitFor();
    expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false);
    expect(complaints).toEqual([]);
  });

  it('offers nobody what they may not do, and says who may', async () => {
    const viewer = await api<{ key: string }>('/v1/keys', {
      name: 'vera',
      kind: 'person',
      roles: ['viewer'],
      reason: 'looks',
    });
    const { page, open } = await opened({}, viewer.key);
    await open('/approvals', 'Approvals');
    await page.getByText('To decide takes the role approver.').waitFor();
    expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Audit' }).count()).toBe(0);
    await open('/audit', 'Audit');
    await page.getByRole('alert').getByText('access.forbidden').waitFor();
  });

  it('asks for a key, and says why one does not count', async () => {
    const { page } = await opened({}, 'slc_wrong');
    await page.getByRole('heading', { name: 'Sign in to Sluice' }).waitFor();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Key').fill(stack.info.apiKey!);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor();
  });

  it('keeps what it showed while the gateway does not answer, and says so', async () => {
    const { page, open } = await opened();
    await open(`/requests/${requestId}`);
    await page.getByText('13 of 13 items ended').waitFor();
    await page.route('**/v1/**', (route) => route.abort());
    await submit(['seen-later']);
    await page.getByText(/^As of .*The gateway does not answer\./).waitFor();
    await page.getByText('13 of 13 items ended').waitFor();
    await page.unroute('**/v1/**');
    await page.getByText(/^As of/).waitFor({ state: 'detached' });
  });

  it('draws what is in sight of a long list, and reads on as somebody scrolls', async () => {
    const { page, open } = await opened();
    const item = (ordinal: number) => ({
      ordinal,
      purl: `pkg:npm/long-${ordinal}@1.0.0`,
      name: `long-${ordinal}`,
      version: '1.0.0',
      direct: true,
      reasons: [],
      outcome: 'approve',
      decision: null,
    });
    await page.route('**/v1/requests/*/items?**', (route) => {
      const from = Number(new URL(route.request().url()).searchParams.get('cursor') ?? 0);
      const items = Array.from({ length: 200 }, (_, index) => item(from + index));
      return route.fulfill({ json: { items, nextCursor: from >= 19_800 ? null : String(from + 200) } });
    });
    await open(`/requests/${requestId}`);
    const region = page.getByRole('region', { name: 'Items' }).last();
    await page.getByRole('link', { name: 'long-0 1.0.0' }).waitFor();
    for (let times = 0; times < 5; times += 1) {
      await region.evaluate((box) => box.scrollTo(0, box.scrollHeight));
      await page
        .getByRole('link', { name: `long-${(times + 1) * 200 + 10} 1.0.0` })
        .waitFor({ state: 'attached' });
    }
    expect(await page.getByRole('row').count()).toBeLessThan(100);
  });

  it('stays live in eight tabs of one browser', async () => {
    const first = await opened();
    const pages = [first.page];
    for (let tabs = 1; tabs < 8; tabs += 1) {
      const page = await first.page.context().newPage();
      await page.goto(`${stack.info.apiUrl}/operations`);
      pages.push(page);
    }
    for (const page of pages) await page.getByText('live', { exact: true }).waitFor();
  });
});
