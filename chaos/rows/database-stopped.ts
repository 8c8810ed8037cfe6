import { setTimeout as delay } from 'node:timers/promises';
import { endedItems, progressed, secondsOf, underLoad, type Row } from '../row.ts';

const stoppedMs = 30_000;
const answerMaxMs = 10_000;

/** Row 34: every process of Postgres is stopped by a signal: connections stay open, and nothing is answered. */
export const databaseStopped: Row = {
  number: 34,
  name: 'Postgres stopped by a signal, 30 s',
  async inject(world) {
    const { submitted } = await underLoad(world, world.packages, 0.2);
    const before = await world.processes();
    const { requestId } = world.load.acknowledged[0]!;
    const processes = await world.database.signal('SIGSTOP');
    const until = Date.now() + stoppedMs;
    const asked = ['/v1/requests', '/v1/packages', `/v1/requests/${requestId}`, '/v1/queues', '/readyz'].map(
      (path) => askUntil(until, () => fetch(`${world.stack.info.apiUrl}${path}`)),
    );
    const cancel = () =>
      fetch(`${world.stack.info.apiUrl}/v1/requests/${crypto.randomUUID()}/cancel`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ by: 'mira', reason: 'a test' }),
      });
    const times = (await Promise.all([...asked, askUntil(until, cancel)])).flat();
    await world.database.signal('SIGCONT');
    const backAt = Date.now();
    await progressed(world, await endedItems(world), 1);
    const tookMs = Date.now() - backAt;
    await submitted;
    const after = await world.processes();
    const slowest = Math.max(...times.map(({ ms }) => ms));
    const statuses = new Map<number, number>();
    for (const { status } of times) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    return {
      what: `${processes} processes stopped for ${secondsOf(stoppedMs)} s; ${times.length} answers, the slowest after ${secondsOf(slowest)} s: ${[...statuses].map(([status, count]) => `${status} × ${count}`).join(', ')}`,
      recovery: { measuredMs: tookMs, barMs: 30_000, what: 'until items end again' },
      missedBars: slowest > answerMaxMs ? [`an answer took ${secondsOf(slowest)} s`] : [],
      problems: before
        .filter(({ pid }) => !after.some((one) => one.pid === pid))
        .map(({ name }) => `${name} exited`),
    };
  },
};

/** Asks again and again. @returns status and time of each answer; 0 for none within three times what one may take. */
async function askUntil(
  until: number,
  ask: () => Promise<Response>,
): Promise<{ status: number; ms: number }[]> {
  const answers: { status: number; ms: number }[] = [];
  while (Date.now() < until) {
    const started = Date.now();
    const response = await Promise.race([ask(), delay(3 * answerMaxMs, null)]);
    await response?.arrayBuffer();
    answers.push({ status: response?.status ?? 0, ms: Date.now() - started });
    await delay(200);
  }
  return answers;
}
