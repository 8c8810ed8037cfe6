import type { Sql } from '@sluice/postgres';
import { repeat, type ServiceContext } from '@sluice/runtime';
import { Gauge } from 'prom-client';
import { countWaiting } from './queries/approval-debt.ts';

const waiting = new Gauge({
  name: 'sluice_approvals_waiting',
  help: 'Package versions that wait for a person, by scope.',
  labelNames: ['scope'] as const,
});
const oldest = new Gauge({
  name: 'sluice_approvals_oldest_age_seconds',
  help: 'Since when the oldest of them was assessed.',
  labelNames: ['scope'] as const,
});

/** People are slow beside a minute, and the count goes through all that waits. */
const everyMs = 60_000;

/** Keeps the metrics of approvals that wait. */
export function keepApprovalMetrics(
  read: Sql,
  context: Pick<ServiceContext<unknown>, 'log' | 'onStop'>,
): void {
  const look = async () => {
    const counts = await countWaiting(read);
    waiting.reset();
    oldest.reset();
    for (const { scope, waiting: count, oldestSeconds } of counts) {
      waiting.set({ scope }, count);
      oldest.set({ scope }, oldestSeconds);
    }
  };
  repeat(context, { name: 'counting what waits for people', everyMs, run: look });
}
