import type { Queue } from '@sluice/api';
import { bulkWindowCommand, type BulkWindow } from '@sluice/contracts';
import {
  listWorkers,
  readQueues,
  type ControlWatch,
  type QueueState,
  type WorkerState,
} from '@sluice/stages';
import { countDeadLetters } from '@sluice/delivery';
import { brokerStorage, sendCommand, streamFill, type Bus } from '@sluice/broker';
import type { Sql } from '@sluice/postgres';
import type { Logger } from '@sluice/runtime';
import { listAdvisorySets } from '../queries/advisory-sets.ts';
import type { QueueSample } from './queue-sample.ts';
import { circuitsOf } from './stage-waits.ts';
import { StageThroughput } from './stage-throughput.ts';
import { showAdvisories, showBroker, showBulk } from './system-metrics.ts';

interface QueueSamplerOptions {
  bus: Bus;
  read: Sql;
  log: Logger;
  controls: Pick<ControlWatch, 'controls'>;
}

/** Often enough for alerts, seldom enough to cost the broker nothing. */
export const sampleEveryMs = 5_000;
/** Longest age of a recent sample: new enough for places in a queue, and bounded work for any number of readers. */
const recentMs = 1_000;

/** Looks at the queues now and then, for their rates and for the metrics. */
export class QueueSampler {
  readonly #bus: Bus;
  readonly #read: Sql;
  readonly #log: Logger;
  readonly #controls: Pick<ControlWatch, 'controls'>;
  readonly #throughput: StageThroughput;
  readonly #services = new Set<string>();
  #bulk: BulkWindow | null = null;
  #recent: { at: number; sample: QueueSample } | null = null;

  constructor({ bus, read, log, controls }: QueueSamplerOptions) {
    this.#bus = bus;
    this.#read = read;
    this.#log = log;
    this.#controls = controls;
    this.#throughput = new StageThroughput(read);
  }

  /** One look at everything; metrics of an unreachable part stay as they were. */
  async look(): Promise<void> {
    const looks = [
      this.#throughput.look(),
      this.#lookAtBroker(),
      this.#lookAtBulk(),
      listAdvisorySets(this.#read).then(showAdvisories),
    ];
    for (const result of await Promise.allSettled(looks)) {
      if (result.status === 'rejected')
        this.#log.debug({ err: result.reason as unknown }, 'cannot be looked at');
    }
  }

  /**
   * The queues as they are now, with the rates and the window of bulk work of the last look.
   * @throws when the broker is away.
   */
  async read(): Promise<QueueSample> {
    return this.#sample(await listWorkers(this.#bus));
  }

  /** The queues as they were a moment ago; null while the broker is away. */
  async recent(): Promise<QueueSample | null> {
    if (this.#recent && Date.now() - this.#recent.at < recentMs) return this.#recent.sample;
    return this.read().catch(() => null);
  }

  async #sample(workers: WorkerState[]): Promise<QueueSample> {
    const [queues, deadLetters] = await Promise.all([readQueues(this.#bus), countDeadLetters(this.#bus)]);
    const circuits = circuitsOf(workers, this.#controls.controls);
    const sample = {
      queues: queues.map((queue) => this.#withRate(queue, workers)),
      deadLetters,
      bulk: this.#bulk,
      circuits,
      workers,
    };
    this.#recent = { at: Date.now(), sample };
    return sample;
  }

  async #lookAtBulk(): Promise<void> {
    this.#bulk = await sendCommand(this.#bus, bulkWindowCommand, {});
    showBulk(this.#bulk);
  }

  async #lookAtBroker(): Promise<void> {
    const workers = await listWorkers(this.#bus);
    const [sample, streams, storage] = await Promise.all([
      this.#sample(workers),
      streamFill(this.#bus),
      brokerStorage(this.#bus),
    ]);
    showBroker({ ...sample, streams, storage, workers: this.#count(sample, workers) }, new Date());
  }

  /** Live instances of every service that was ever seen here; a service that is gone has none. */
  #count({ queues }: QueueSample, workers: WorkerState[]): Map<string, number> {
    for (const { service } of [...queues, ...workers]) this.#services.add(service);
    const countOf = (service: string) => workers.filter((worker) => worker.service === service).length;
    return new Map([...this.#services].map((service) => [service, countOf(service)]));
  }

  #withRate(queue: QueueState, workers: WorkerState[]): Queue {
    const { service, stage, lane, waiting, unsettled } = queue;
    const running = workers
      .filter((worker) => worker.service === service)
      // An instance of an older version does not say.
      .reduce((total, { inWork }) => total + (inWork?.[lane] ?? 0), 0);
    const ratePerSecond = this.#throughput.rate(stage, lane);
    const left = waiting + unsettled;
    const etaSeconds = left === 0 ? 0 : ratePerSecond ? Math.ceil(left / ratePerSecond) : null;
    return { ...queue, running, ratePerSecond, etaSeconds };
  }
}
