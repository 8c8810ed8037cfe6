import { Hono } from 'hono';
import { register } from 'prom-client';
import { expect, it } from 'vitest';
import { observeRequest } from './http-metrics.ts';

const app = new Hono();
app.use(async (c, next) => {
  await next();
  observeRequest(c, 7);
});
app.get('/v1/requests/:id', (c) => c.text('here'));

it('requests are measured by route, whatever ids and methods clients make up', async () => {
  await app.request('/v1/requests/1');
  await app.request('/v1/requests/2');
  await app.request('/nowhere/3');
  await app.request('/nowhere/4', { method: 'BREW' });
  const metrics = await register.getMetricsAsJSON();
  const { values } = metrics.find(({ name }) => name === 'sluice_http_request_duration_seconds')!;
  const counts = (values as { metricName?: string; labels: object; value: number }[])
    .filter(({ metricName }) => metricName?.endsWith('_count'))
    .map(({ labels, value }) => ({ ...labels, value }));
  expect(counts).toEqual([
    { method: 'GET', route: '/v1/requests/:id', status: '200', value: 2 },
    { method: 'GET', route: 'none', status: '404', value: 1 },
    { method: 'other', route: 'none', status: '404', value: 1 },
  ]);
});
