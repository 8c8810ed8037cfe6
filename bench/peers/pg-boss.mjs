import PgBoss from 'pg-boss';

/**
 * pg-boss as its documentation recommends for throughput: many jobs a fetch, handed over as one batch, several workers
 * side by side, inserted in bulk. Its shortest polling interval is half a second, so several workers share a queue.
 */
const options = { connectionString: process.env.DATABASE_URL, supervise: true, schedule: false, max: 8 };
let boss;

async function started() {
  if (boss) return boss;
  boss = new PgBoss(options);
  boss.on('error', () => {});
  await boss.start();
  return boss;
}

export async function openQueue(stage) {
  const running = await started();
  await running.createQueue(stage).catch(() => {});
  return {
    add: (jobs) =>
      running.insert(jobs.map((data) => ({ name: stage, data, retryLimit: 5, retryBackoff: true }))),
    close: async () => {},
  };
}

export async function startWorker(stage, concurrency, handle) {
  const running = await started();
  await running.createQueue(stage).catch(() => {});
  const workers = 4;
  for (let worker = 0; worker < workers; worker += 1) {
    await running.work(
      stage,
      { batchSize: Math.max(concurrency, 200), pollingIntervalSeconds: 0.5 },
      (jobs) => handle(jobs.map(({ data }) => data)),
    );
  }
  return { close: () => running.stop({ graceful: false }) };
}
