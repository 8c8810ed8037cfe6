import { expect, it, onTestFinished } from 'vitest';
import { testGateway } from '../gateway-kit.ts';

const { app, deps } = await testGateway({ heartbeatMs: 20 });

it('says once that something changed, however much did, and that it is still there', async () => {
  const { body } = await app.request('/v1/changes');
  const reader = body!.getReader();
  onTestFinished(() => reader.cancel());
  const next = async () => Buffer.from((await reader.read()).value ?? []).toString();
  expect(await next()).toBe(': still here\n\n');
  for (let times = 0; times < 5; times += 1) await deps.read`select pg_notify('sluice_read_models', 'now')`;
  let text = '';
  while (!text.includes('event')) text += await next();
  expect(text.match(/event: changed/g)).toHaveLength(1);
  expect(text).toContain('data: {}');
});

it('is not followed for a HEAD, whose answer has no reader that would end it', async () => {
  const response = await app.request('/v1/changes', { method: 'HEAD' });
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
});
