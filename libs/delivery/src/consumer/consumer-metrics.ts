import { Counter, Gauge, Histogram } from 'prom-client';

/** In seconds; from a look into a cache to the deadline of a stage. */
export const durationBuckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/** Metrics of every consumer in this process; the runtime serves them at /metrics. */
export const consumerMetrics = {
  settled: new Counter({
    name: 'sluice_messages_settled_total',
    help: 'Messages by consumer and what became of them.',
    labelNames: ['consumer', 'outcome'] as const,
  }),
  redelivered: new Counter({
    name: 'sluice_messages_redelivered_total',
    help: 'Messages that had been delivered before.',
    labelNames: ['consumer'] as const,
  }),
  duration: new Histogram({
    name: 'sluice_message_duration_seconds',
    help: 'Time from delivery to settlement.',
    labelNames: ['consumer'] as const,
    buckets: durationBuckets,
  }),
  attemptsFailed: new Counter({
    name: 'sluice_attempts_failed_total',
    help: 'Tries that failed and are made again, by code.',
    labelNames: ['consumer', 'code'] as const,
  }),
  running: new Gauge({
    name: 'sluice_messages_running',
    help: 'Messages in work.',
    labelNames: ['consumer'] as const,
  }),
  circuitOpen: new Gauge({
    name: 'sluice_circuit_open',
    help: '1 while a consumer waits for a host that is out of order.',
    labelNames: ['consumer', 'host'] as const,
  }),
  deadLetters: new Counter({
    name: 'sluice_dead_letters_total',
    help: 'Messages that became dead letters, by code.',
    labelNames: ['consumer', 'code'] as const,
  }),
};
