import type { AdvisorySet } from '@sluice/api';
import type { BulkWindow } from '@sluice/contracts';
import { Gauge } from 'prom-client';
import type { QueueSample } from './queue-sample.ts';

const queueLabels = ['consumer', 'lane'] as const;
const waiting = new Gauge({
  name: 'sluice_queue_waiting',
  help: 'Messages that a stage was not given yet.',
  labelNames: queueLabels,
});
const unsettled = new Gauge({
  name: 'sluice_queue_unsettled',
  help: 'Messages that a stage was given and has not settled: in work, or waiting for another try.',
  labelNames: queueLabels,
});
const running = new Gauge({
  name: 'sluice_queue_running',
  help: 'Messages in work, as the instances of the stage say.',
  labelNames: queueLabels,
});
const redelivered = new Gauge({
  name: 'sluice_queue_redelivered',
  help: 'Unsettled messages that were delivered more than once.',
  labelNames: queueLabels,
});
const oldest = new Gauge({
  name: 'sluice_queue_oldest_age_seconds',
  help: 'Age of the oldest message that is not settled; 0 when there is none.',
  labelNames: queueLabels,
});
const rate = new Gauge({
  name: 'sluice_queue_results_per_second',
  help: 'Results of a stage a second, over the last minute.',
  labelNames: queueLabels,
});
const letters = new Gauge({
  name: 'sluice_dead_letters',
  help: 'Messages that wait for somebody: dlq are dead letters, parked wait for an upgrade.',
  labelNames: ['kind'] as const,
});
const bulkWaiting = new Gauge({
  name: 'sluice_bulk_waiting',
  help: 'Package versions of the bulk lane whose turn has not come.',
});
const bulkRunning = new Gauge({
  name: 'sluice_bulk_running',
  help: 'Package versions of the bulk lane in flight.',
});
const workers = new Gauge({
  name: 'sluice_workers',
  help: 'Instances that said something within 30 s.',
  labelNames: ['service'] as const,
});
const streamLabels = ['stream'] as const;
const streamBytes = new Gauge({
  name: 'sluice_stream_bytes',
  help: 'What a stream holds.',
  labelNames: streamLabels,
});
const streamMaxBytes = new Gauge({
  name: 'sluice_stream_max_bytes',
  help: 'What a stream may hold; missing when it has no limit.',
  labelNames: streamLabels,
});
const storageBytes = new Gauge({
  name: 'sluice_broker_storage_bytes',
  help: 'What the broker stores on disk for Sluice.',
});
const storageMaxBytes = new Gauge({
  name: 'sluice_broker_storage_max_bytes',
  help: 'What the broker may store on disk for Sluice: its own limit, or the limits of all streams together.',
});
const lookedAt = new Gauge({
  name: 'sluice_queues_looked_at_timestamp_seconds',
  help: 'When the gateway last could look at the queues; the metrics of queues, streams and workers are of then.',
});
const advisoriesConfirmed = new Gauge({
  name: 'sluice_advisories_confirmed_timestamp_seconds',
  help: 'When an ecosystem’s advisories were last known to be the newest; 0 when never.',
  labelNames: ['ecosystem'] as const,
});
const advisoryRecords = new Gauge({
  name: 'sluice_advisories_records',
  help: 'Advisories that are loaded.',
  labelNames: ['ecosystem'] as const,
});

/** State of the broker and the workers, for the metrics. */
export interface BrokerSample extends Omit<QueueSample, 'workers'> {
  streams: { stream: string; bytes: number; maxBytes: number }[];
  storage: { bytes: number; maxBytes: number | null };
  /** Live instances by service. */
  workers: Map<string, number>;
}

export function showBroker(sample: BrokerSample, now: Date): void {
  for (const queue of sample.queues) {
    const labels = { consumer: queue.service, lane: queue.lane };
    waiting.set(labels, queue.waiting);
    unsettled.set(labels, queue.unsettled);
    running.set(labels, queue.running);
    redelivered.set(labels, queue.redelivered);
    oldest.set(labels, queue.oldestAgeSeconds ?? 0);
    rate.set(labels, queue.ratePerSecond ?? 0);
  }
  letters.set({ kind: 'dlq' }, sample.deadLetters.dlq);
  letters.set({ kind: 'parked' }, sample.deadLetters.parked);
  for (const [service, count] of sample.workers) workers.set({ service }, count);
  let limits = 0;
  for (const { stream, bytes, maxBytes } of sample.streams) {
    streamBytes.set({ stream }, bytes);
    if (maxBytes <= 0) continue;
    streamMaxBytes.set({ stream }, maxBytes);
    limits += maxBytes;
  }
  storageBytes.set(sample.storage.bytes);
  storageMaxBytes.set(sample.storage.maxBytes ?? limits);
  lookedAt.set(now.getTime() / 1000);
}

export function showBulk(bulk: BulkWindow): void {
  bulkWaiting.set(bulk.waiting);
  bulkRunning.set(bulk.running);
}

export function showAdvisories(sets: AdvisorySet[]): void {
  for (const { ecosystem, recordCount, confirmedAt } of sets) {
    advisoriesConfirmed.set({ ecosystem }, (confirmedAt === null ? 0 : Date.parse(confirmedAt)) / 1000);
    advisoryRecords.set({ ecosystem }, recordCount);
  }
}
