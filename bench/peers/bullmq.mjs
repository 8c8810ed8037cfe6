import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

/**
 * BullMQ as its documentation recommends for production: added in bulk, done jobs removed, one connection a queue and
 * a worker, and many jobs at once in a worker because they wait for I/O. Redis appends to its log every second.
 */
const connect = () => new Redis(process.env.REDIS_URL, { maxRetriesPerRequest: null });
const defaultJobOptions = {
  removeOnComplete: true,
  removeOnFail: 1_000,
  attempts: 5,
  backoff: { type: 'exponential', delay: 1_000 },
};

export async function openQueue(stage) {
  const queue = new Queue(stage, { connection: connect(), defaultJobOptions });
  return {
    // The id makes a repeated add harmless.
    add: (jobs) =>
      queue.addBulk(
        jobs.map((data) => ({ name: stage, data, opts: { jobId: data.purl.replaceAll(':', '_') } })),
      ),
    close: () => queue.close(),
  };
}

export async function startWorker(stage, concurrency, handle) {
  const worker = new Worker(stage, (job) => handle([job.data]), { connection: connect(), concurrency });
  await worker.waitUntilReady();
  return { close: () => worker.close() };
}
