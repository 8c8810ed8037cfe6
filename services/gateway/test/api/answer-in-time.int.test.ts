import { setTimeout as delay } from 'node:timers/promises';
import { packageLock } from '@sluice/ecosystems/npm/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { insertEvent, insertRequest, testGateway } from '../gateway-kit.ts';

const answerTimeoutMs = 300;
const { app, deps, postgres } = await testGateway({ answerTimeoutMs, heartbeatMs: 100 });

/** Has Postgres answer nothing that needs these tables, until the test ends: statements wait as for a stopped server. */
async function silence(schema: 'read' | 'gateway', tables: string): Promise<void> {
  const sql = postgres.connect(schema);
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  let locked = () => {};
  const isLocked = new Promise<void>((resolve) => (locked = resolve));
  const holding = sql.begin(async (tx) => {
    await tx.unsafe(`lock table ${tables} in access exclusive mode`);
    locked();
    await released;
  });
  onTestFinished(async () => {
    release();
    await holding;
  });
  await isLocked;
}

it.each(['/v1/requests', '/v1/packages', '/v1/requests/00000000-0000-7000-8000-000000000000'])(
  'answers GET %s with 503 while Postgres is silent',
  async (address) => {
    await silence('read', 'requests, packages, request_items');
    const answer = await Promise.race([app.request(address), delay(10 * answerTimeoutMs)]);
    expect(answer?.status).toBe(503);
    expect(await answer?.json()).toMatchObject({
      code: 'backend.unavailable',
      detail: 'Postgres does not answer.',
    });
    expect(answer?.headers.get('retry-after')).toBe('5');
  },
);

it('answers a submission while Postgres is silent: whether it was accepted is unknown', async () => {
  await silence('gateway', 'submissions');
  const submitting = app.request('/v1/requests', {
    method: 'POST',
    body: packageLock(3, [{ name: 'a', version: '1.0.0' }]),
    headers: { 'content-type': 'application/json' },
  });
  const answer = await Promise.race([submitting, delay(10 * answerTimeoutMs)]);
  expect(answer?.status).toBe(504);
  expect(await answer?.json()).toMatchObject({
    code: 'backend.timeout',
    detail: expect.stringContaining('same Idempotency-Key') as string,
  });
});

it('ends a stream of events when Postgres falls silent, so that the client connects again', async () => {
  const id = await insertRequest(deps.read, ['a']);
  await insertEvent(deps.read, 1, id, 'request.submitted');
  const response = await app.request(`/v1/requests/${id}/events`);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader.read()).value).toContain('request.submitted');
  await silence('read', 'timeline');
  const ended = (async () => {
    while (!(await reader.read()).done);
    return true;
  })();
  expect(await Promise.race([ended, delay(20 * answerTimeoutMs)])).toBe(true);
});
