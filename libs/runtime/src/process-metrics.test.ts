import { register } from 'prom-client';
import { expect, it } from 'vitest';
import { collectProcessMetrics } from './process-metrics.ts';

const valueOf = async (name: string) => {
  const metrics = await register.getMetricsAsJSON();
  return metrics.find((metric) => metric.name === name)?.values[0]?.value;
};

it('a blocked event loop shows in the metrics of its process', async () => {
  collectProcessMetrics();
  collectProcessMetrics();
  // The first look begins to measure.
  await valueOf('nodejs_eventloop_lag_p99_seconds');
  const turn = () => new Promise((resolve) => setTimeout(resolve, 1));
  for (
    let blocked = 0;
    !(((await valueOf('nodejs_eventloop_lag_p99_seconds')) as number) >= 0.2);
    blocked += 1
  ) {
    expect(blocked).toBeLessThan(20);
    // Until the timer that measures has begun, nothing is late.
    for (let turns = 0; turns < 30; turns += 1) await turn();
    for (const end = performance.now() + 250; performance.now() < end;);
    await turn();
  }
  expect(await valueOf('process_resident_memory_bytes')).toBeGreaterThan(1e6);
});
