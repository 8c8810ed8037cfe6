import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '@sluice/testkit/fakes';
import { quiesce } from '../quiesce.ts';
import { type Row } from '../row.ts';
import { purlOf } from '../load.ts';

const rounds = 3;

/** Row 24: the gateway dies between the commit and the publish; the client has no answer and asks again. */
export const gatewayDies: Row = {
  number: 24,
  name: 'gateway dies after commit, before publish',
  async inject(world) {
    const { load, sql } = world;
    const problems: string[] = [];
    let slowest = 0;
    for (let round = 0; round < rounds; round += 1) {
      // Each death is one of its own: a gateway that keeps dying is the kill storm's matter.
      await quiesce(world, 180_000);
      await world.pidOf('gateway');
      await world.arm('gateway', 'after-commit');
      await delay(200);
      const names = load.publish(Math.ceil(world.packages / rounds));
      const key = `gateway-dies-${world.seed}-${world.load.acknowledged.length}-${round}`;
      const body = load.lockfileOf(names);
      const unanswered = await load.post(body, key);
      const diedAt = Date.now();
      if (unanswered.status !== null) problems.push(`answered ${unanswered.status} instead of dying`);
      await waitFor(
        async () =>
          (
            await sql`
            select 1 from gateway.submissions s join gateway.outbox o on o.payload::jsonb ->> 'subject' = s.id::text
            where s.idempotency_key = ${key}
              and not exists (select from gateway.outbox_waiting w where w.position = o.position)`
          ).length === 1,
        { what: 'the relay to publish', timeoutMs: 60_000 },
      );
      slowest = Math.max(slowest, Date.now() - diedAt);
      const [stored] = await sql<
        { id: string }[]
      >`select id from gateway.submissions where idempotency_key = ${key}`;
      const again = await waitFor(async () => {
        const answer = await load.post(body, key);
        return answer.requestId === null ? null : { requestId: answer.requestId };
      });
      if (again.requestId !== stored?.id)
        problems.push(`the same key gave ${again.requestId}, not ${stored?.id}`);
      load.acknowledged.push({ ...again, key, purls: names.map(purlOf), acknowledgedAt: Date.now() });
    }
    return {
      what: `${rounds} deaths with a committed request in hand`,
      recovery: { measuredMs: slowest, barMs: 5_000, what: 'slowest until published' },
      problems,
    };
  },
};
