import { durationBuckets } from '@sluice/delivery';
import { Counter, Histogram } from 'prom-client';

/** Metrics of stages, beside those that every consumer has. */
export const stageMetrics = {
  phase: new Histogram({
    name: 'sluice_stage_phase_duration_seconds',
    help: 'Time of a stage’s work by phase: gather, decide, publish.',
    labelNames: ['consumer', 'phase'] as const,
    buckets: durationBuckets,
  }),
  failures: new Counter({
    name: 'sluice_package_failures_total',
    help: 'Package versions that a stage failed, by code.',
    labelNames: ['consumer', 'code'] as const,
  }),
};
