import { makeWorkerUtils, run } from 'graphile-worker';

/**
 * Graphile Worker as its documentation recommends for throughput: added in bulk, a local queue that takes many jobs at
 * once, batched completion, and many jobs at once because they wait for I/O.
 */
const connectionString = process.env.DATABASE_URL;

export async function openQueue(stage) {
  const utils = await makeWorkerUtils({ connectionString, maxPoolSize: 4 });
  await utils.migrate();
  return {
    add: (jobs) => utils.addJobs(jobs.map((payload) => ({ identifier: stage, payload, maxAttempts: 5 }))),
    close: () => utils.release(),
  };
}

export async function startWorker(stage, concurrency, handle) {
  const runner = await run({
    connectionString,
    concurrency,
    maxPoolSize: 10,
    noHandleSignals: true,
    taskList: { [stage]: (payload) => handle([payload]) },
    preset: {
      worker: {
        concurrentJobs: concurrency,
        pollInterval: 500,
        localQueue: { size: 500 },
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
      },
    },
  });
  return { close: () => runner.stop() };
}
