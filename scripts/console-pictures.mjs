/**
 * Makes the pictures of the README: two screens of a running console, in docs/pictures.
 * node scripts/console-pictures.mjs http://127.0.0.1:8080/#k=… pkg:npm/vitest@4.1.12
 */
import { mkdir } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const [address, purl] = process.argv.slice(2);
if (address === undefined || purl === undefined) {
  console.error('Give the address that npm start prints for the console, and a package version to show.');
  process.exit(2);
}
const executablePath = process.env.SLUICE_CHROMIUM ?? '/usr/bin/chromium';
const folder = new URL('../docs/pictures/', import.meta.url);
await mkdir(folder, { recursive: true });
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 760 }, colorScheme: 'light' });
  await page.goto(address);
  await page.getByRole('heading', { level: 1 }).waitFor();
  const screens = { approvals: '/approvals', package: `/packages/${encodeURIComponent(purl)}` };
  for (const [name, path] of Object.entries(screens)) {
    await page.goto(new URL(path, address).href);
    await page.getByLabel('Loading').first().waitFor({ state: 'detached' });
    await page.screenshot({ path: new URL(`${name}.png`, folder).pathname });
  }
} finally {
  await browser.close();
}
