import { testService, waitFor } from '@sluice/testkit';
import { afterEach, expect, it } from 'vitest';
import { startBulkPacer } from './bulk-pacer.ts';

let service = testService();
afterEach(async () => {
  await service.stop();
  service = testService();
});

it('a pacer fills the window lot by lot, once at a time, however often it is woken', async () => {
  let waiting = 5;
  let atOnce = 0;
  let most = 0;
  const pacer = startBulkPacer(async () => {
    most = Math.max(most, (atOnce += 1));
    await new Promise((resolve) => setImmediate(resolve));
    atOnce -= 1;
    waiting -= 1;
    return waiting > 0;
  }, service);
  for (let count = 0; count < 10; count += 1) pacer.wake();
  await waitFor(() => waiting <= 0, { what: 'all lots to begin' });
  expect(most).toBe(1);
});

it('a pacer that is woken while it counts counts again', async () => {
  let counted = 0;
  const pacer = startBulkPacer(async () => {
    counted += 1;
    await Promise.resolve();
    if (counted === 1) pacer.wake();
    return false;
  }, service);
  await waitFor(() => counted === 2, { what: 'the second count' });
});

it('a pacer that failed is woken again', async () => {
  let asked = 0;
  const pacer = startBulkPacer(() => {
    asked += 1;
    return asked === 1 ? Promise.reject(new Error('Postgres is away')) : Promise.resolve(false);
  }, service);
  await waitFor(() => asked === 1);
  pacer.wake();
  await waitFor(() => asked >= 2, { what: 'another count' });
});
