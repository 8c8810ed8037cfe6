import { setTimeout as delay } from 'node:timers/promises';
import { underLoad, type Row } from '../row.ts';
import { startSecondSet } from '../second-set.ts';
import type { World } from '../world.ts';

interface Answer {
  command: string;
  status: number;
  code: string | undefined;
}

const pairsMin = 200;

/** Row 33: commands of people race with facts, and with each other, on two aggregators. */
export const racingCommands: Row = {
  number: 33,
  name: 'commands race with facts and each other',
  async inject(world) {
    const second = await startSecondSet(world);
    try {
      const before = await deadlocks(world);
      const answers: Answer[] = [];
      const { submitted } = await underLoad(world, world.packages, 0.1);
      let isSubmitted = false;
      void submitted.then(() => (isSubmitted = true));
      let pairs = 0;
      for (; pairs < pairsMin || !isSubmitted; pairs += 1) {
        answers.push(...(await Promise.all([command(world), command(world)])));
        await delay(10);
      }
      await submitted;
      const away = answers.filter(({ status }) => status >= 500);
      const locked = (await deadlocks(world)) - before;
      const done = answers.filter(({ status }) => status === 200).length;
      return {
        what: `${pairs} pairs of commands, ${done} of ${answers.length} done, ${world.expectations.cancelled.size} requests cancelled, ${world.expectations.decided.size} package versions decided, ${locked} deadlocks`,
        problems: [
          ...away
            .slice(0, 3)
            .map(({ command: name, status, code }) => `${name} was answered ${status} ${code}`),
          ...(await wrongDecisions(world)),
        ],
      };
    } finally {
      await second.stop();
    }
  },
};

async function command({ stack, load, random, expectations }: World): Promise<Answer> {
  const { requestId, purls } = random.pick(load.acknowledged.slice(-4));
  const purl = random.pick(purls);
  const by = { by: 'mira', reason: 'a race' };
  const kind = random.pick(['cancel', 'lane', 'lane', 'retry', 'approve', 'reject']);
  const request = `/v1/requests/${requestId}`;
  const decided = `/v1/packages/${encodeURIComponent(purl)}`;
  const [path, body] = {
    cancel: [`${request}/cancel`, by],
    lane: [`${request}/lane`, { ...by, lane: random.pick(['bulk', 'interactive']) }],
    retry: ['/v1/retries', { ...by, purl }],
    approve: [`${decided}/approve`, by],
    reject: [`${decided}/reject`, by],
  }[kind]!;
  // Whether it is carried out is only known afterwards; the checker has to allow for both.
  if (kind === 'cancel') {
    expectations.cancelled.add(requestId);
    for (const each of purls) expectations.outcomes.set(each, ['approve', 'cancelled']);
  }
  if (kind === 'approve' || kind === 'reject') expectations.decided.add(purl);
  const response = await fetch(`${stack.info.apiUrl}${path as string}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { code } = (await response.json()) as { code?: string };
  return { command: kind, status: response.status, code };
}

async function deadlocks({ sql }: World): Promise<number> {
  const [row] = await sql<{ deadlocks: number }[]>`
    select deadlocks::int from pg_stat_database where datname = current_database()`;
  return row!.deadlocks;
}

/** Decisions of a package version are numbered without a gap, and the last one holds. */
async function wrongDecisions({ sql }: World): Promise<string[]> {
  const rows = await sql<{ purl: string }[]>`
    select p.purl from aggregator.packages p join aggregator.decisions d using (purl, scope)
    group by p.purl, p.scope, p.decision_sequence, p.decision ->> 'state'
    having count(*) <> p.decision_sequence or max(d.sequence) <> p.decision_sequence
      or (array_agg(d.state order by d.sequence desc))[1] is distinct from p.decision ->> 'state'`;
  return rows.slice(0, 3).map(({ purl }) => `the decisions of ${purl} do not add up`);
}
