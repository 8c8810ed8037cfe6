import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Registry, Counter } from 'prom-client';
import { Health } from './health.ts';
import { startHealthServer } from './health-server.ts';

afterEach(() => void vi.useRealTimers());

describe('Health', () => {
  it('is ready when every required part is, and says how each is', async () => {
    const health = new Health();
    health.add('postgres', () => ({ ok: true, detail: 'v17' }));
    health.add('stage', async () => ({ ok: false, required: false, detail: 'waits' }));
    expect(await health.report()).toEqual({
      ready: true,
      checks: {
        postgres: { ok: true, detail: 'v17' },
        stage: { ok: false, required: false, detail: 'waits' },
      },
    });
  });

  it('is not ready over one part that fails, throws or rejects, and names it', async () => {
    const health = new Health();
    health.add('failing', () => ({ ok: false }));
    health.add('throwing', () => {
      throw new Error('refused');
    });
    health.add('rejecting', () => Promise.reject(new Error('gone')));
    expect(await health.report()).toEqual({
      ready: false,
      checks: {
        failing: { ok: false },
        throwing: { ok: false, detail: 'refused' },
        rejecting: { ok: false, detail: 'gone' },
      },
    });
  });

  it('does not hang with a part that hangs', async () => {
    vi.useFakeTimers();
    const health = new Health();
    health.add('hanging', () => new Promise(() => {}));
    health.add('fine', () => ({ ok: true }));
    const report = health.report();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(await report).toEqual({
      ready: false,
      checks: { hanging: { ok: false, detail: 'no answer in time' }, fine: { ok: true } },
    });
  });

  it('leaves no timer behind', async () => {
    vi.useFakeTimers();
    const health = new Health();
    health.add('fine', () => ({ ok: true }));
    await health.report();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is not ready once it stops', async () => {
    const health = new Health();
    health.markStopping();
    expect(await health.report()).toEqual({
      ready: false,
      checks: { lifecycle: { ok: false, detail: 'stopping' } },
    });
  });
});

describe('the health server', () => {
  async function start(host = '127.0.0.1') {
    const health = new Health();
    const metrics = new Registry();
    new Counter({ name: 'tried_total', help: 'Tries.', registers: [metrics] }).inc();
    const server = await startHealthServer({ host, port: 0, health, metrics });
    onTestFinished(() => server.stop());
    const get = async (path: string) => {
      const response = await fetch(server.url + path);
      return { status: response.status, text: await response.text() };
    };
    return { health, server, get };
  }

  it('answers probes by status, and scrapes', async () => {
    const { health, get } = await start();
    expect(await get('/livez')).toMatchObject({ status: 200 });
    expect(await get('/readyz')).toMatchObject({ status: 200 });
    health.add('nats', () => ({ ok: false, detail: 'no broker' }));
    const unready = await get('/readyz');
    expect(unready.status).toBe(503);
    expect(JSON.parse(unready.text)).toMatchObject({ checks: { nats: { detail: 'no broker' } } });
    expect(await get('/livez')).toMatchObject({ status: 200 });
    expect((await get('/metrics')).text).toContain('tried_total 1');
    expect(await get('/other')).toMatchObject({ status: 404 });
  });

  it('stays ready while a part that is not required throws or hangs', async () => {
    const health = new Health();
    health.add('nats', () => Promise.reject(new Error('no broker')), { required: false });
    expect(await health.report()).toMatchObject({
      ready: true,
      checks: { nats: { ok: false, required: false, detail: 'no broker' } },
    });
  });

  it.each([
    ['127.0.0.1', 'evil.example', 421],
    ['127.0.0.1', 'evil.example:9090', 421],
    ['127.0.0.1', 'localhost:9090', 200],
    ['127.0.0.1', '10.1.2.3:9090', 200],
    ['0.0.0.0', 'scanner:9090', 200],
  ])('on %s answers a request to %s with %i', async (host, name, status) => {
    const { server } = await start(host);
    const { port } = new URL(server.url);
    const asking = request({ port, path: '/metrics', headers: { host: name } }).end();
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(status);
    expect(response.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
  });

  it('refuses a port that is taken', async () => {
    const { server, health } = await start();
    const port = Number(new URL(server.url).port);
    await expect(
      startHealthServer({ host: '127.0.0.1', port, health, metrics: new Registry() }),
    ).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
