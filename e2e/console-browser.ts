import axe from 'axe-core';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { expect } from 'vitest';

/** A person in front of the console: a browser of their own, signed in. */
export interface Person {
  page: Page;
  /** Opens an address of the console and waits for its heading. */
  open(address: string, heading?: string | RegExp): Promise<void>;
  /** What the browser complained of, and what left the machine: there must be nothing. */
  complaints: string[];
  close(): Promise<void>;
}

export function startBrowser(executablePath: string): Promise<Browser> {
  // A sandbox within a container needs rights that root has not.
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

export async function person(
  browser: Browser,
  { apiUrl, apiKey }: { apiUrl: string; apiKey: string | null },
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<Person> {
  const context: BrowserContext = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    // A refusal that a page shows is no fault of the page.
    const isRefusal = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isRefusal) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(apiUrl) && !request.url().startsWith('blob:'))
      complaints.push(request.url());
  });
  await page.goto(apiKey === null ? apiUrl : `${apiUrl}/#k=${apiKey}`);
  return {
    page,
    complaints,
    async open(address, heading) {
      await page.goto(apiUrl + address);
      await page
        .getByRole('heading', { level: 1, ...(heading === undefined ? {} : { name: heading }) })
        .waitFor();
    },
    close: () => context.close(),
  };
}

/** Faults of a page by the rules of WCAG 2.2, A and AA. */
export async function expectAccessible(page: Page): Promise<void> {
  // The page's policy lets nothing but its own scripts in; this goes past it, as a debugger does.
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { run } = (globalThis as unknown as { axe: typeof axe }).axe;
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await run({ runOnly: { type: 'tag', values: tags } });
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
    );
  });
  expect([new URL(page.url()).pathname, ...found]).toEqual([new URL(page.url()).pathname]);
}
