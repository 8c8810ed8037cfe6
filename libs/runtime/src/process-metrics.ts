import { collectDefaultMetrics, register } from 'prom-client';

/** Fine enough for a lag that anybody notices, and few enough wake-ups for an idle process. */
const lagPrecisionMs = 20;

/** Metrics of this process: processor time, memory, garbage collection, lag of the event loop. Once a process. */
export function collectProcessMetrics(): void {
  if (register.getSingleMetric('nodejs_eventloop_lag_p99_seconds')) return;
  collectDefaultMetrics({ eventLoopMonitoringPrecision: lagPrecisionMs });
}
