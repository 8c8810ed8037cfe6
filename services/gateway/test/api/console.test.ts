import { gunzipSync, brotliDecompressSync } from 'node:zlib';
import path from 'node:path';
import { Health, createLogger } from '@sluice/runtime';
import { findRepositoryRoot } from '@sluice/testkit';
import { build } from 'vite';
import { beforeAll, describe, expect, it } from 'vitest';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { addresses } from '../../../../console/src/addresses.ts';
import { consolePages } from '../../src/routes/about/console.ts';
import { createApp } from '../../src/app.ts';
import type { GatewayDeps } from '../../src/deps.ts';

let app: OpenAPIHono;
beforeAll(async () => {
  await build({ root: path.join(findRepositoryRoot(), 'console'), logLevel: 'error' });
  // Nothing here asks a server.
  const isAllowedHost = (host: string) => host === 'localhost';
  app = createApp({
    health: new Health(),
    log: createLogger('test', 'silent'),
    isAllowedHost,
    answerTimeoutMs: 5_000,
  } as unknown as GatewayDeps);
});

const pageOf = async (address: string, headers: Record<string, string> = {}) => {
  const response = await app.request(address, { headers: { host: 'localhost', ...headers } });
  return { response, text: await response.clone().text() };
};

describe('the console', () => {
  it('is one page at each of its addresses', async () => {
    const { text: home } = await pageOf('/');
    expect(home).toContain('<div id="console">');
    for (const address of addresses) {
      const { response, text } = await pageOf(address.replace(/:\w+/, 'pkg%3Anpm%2Flodash%401.0.0'));
      expect([address, response.status, text === home]).toEqual([address, 200, true]);
      expect(response.headers.get('cache-control')).toBe('no-cache');
    }
    const segments = addresses.map((address) => address.split('/')[1]!).filter((segment) => segment !== '');
    expect(consolePages.toSorted()).toEqual([...new Set(segments)].toSorted());
  });

  it('runs its own scripts alone, and may be opened by a link', async () => {
    const { response, text } = await pageOf('/requests?state=open', {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
    });
    expect(response.status).toBe(200);
    const policy = response.headers.get('content-security-policy')!;
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(text).not.toMatch(/<script(?![^>]* src="\/assets\/)|<style| style=| on\w+=|https?:\/\//);
  });

  it('has files that browsers may keep for ever, compressed for whom that suits', async () => {
    const { text } = await pageOf('/');
    const [script] = /\/assets\/[\w.-]+\.js/.exec(text)!;
    const plain = await pageOf(script, { 'accept-encoding': '' });
    expect(plain.response.headers.get('cache-control')).toContain('immutable');
    expect(plain.response.headers.get('content-type')).toContain('text/javascript');
    for (const [coding, unpack] of [
      ['gzip', gunzipSync],
      ['br', brotliDecompressSync],
    ] as const) {
      const response = await app.request(script, {
        headers: { host: 'localhost', 'accept-encoding': coding },
      });
      expect(response.headers.get('content-encoding')).toBe(coding);
      const body = Buffer.from(await response.arrayBuffer());
      expect(unpack(body).toString()).toBe(plain.text);
      // What a browser loads before it shows anything.
      expect(body.length).toBeLessThan(60_000);
    }
  });

  it('is nowhere else, and takes nothing', async () => {
    expect((await pageOf('/assets/none.js')).response.status).toBe(404);
    expect((await pageOf('/nowhere')).response.status).toBe(404);
    expect((await app.request('/requests', { method: 'POST', headers: { host: 'localhost' } })).status).toBe(
      405,
    );
  });
});
