import { setTimeout as delay } from 'node:timers/promises';
import { endedItems, progressed, secondsOf, underLoad, type Row } from '../row.ts';

const role = 'sluice_limited';

/** Row 13: the services' role may open two connections in all, and has none left. */
export const connectionsExhausted: Row = {
  number: 13,
  name: 'connections exhausted',
  world: {
    async reroute({ databaseUrl }, sql) {
      const url = new URL(databaseUrl);
      // A superuser's connections are not limited, so that the services get a role of their own.
      await sql.unsafe(
        `create role ${role} login password 'chaos'; grant create on database postgres to ${role}`,
      );
      url.username = role;
      url.password = 'chaos';
      return { databaseUrl: url.href };
    },
  },
  async inject(world) {
    const { submitted } = await underLoad(world, world.packages, 0.2);
    const before = await world.processes();
    await world.sql.unsafe(`alter role ${role} connection limit 2`);
    await world.sql`select pg_terminate_backend(pid) from pg_stat_activity where usename = ${role}`;
    const statuses = new Map<string, number>();
    const until = Date.now() + 15_000;
    for (let index = 0; Date.now() < until; index += 1) {
      const response = await fetch(`${world.stack.info.apiUrl}/v1/requests`).catch(() => null);
      await response?.arrayBuffer();
      const status = String(response?.status ?? 'no answer');
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      await delay(100);
    }
    await world.sql.unsafe(`alter role ${role} connection limit -1`);
    const backAt = Date.now();
    await progressed(world, await endedItems(world), 1);
    const tookMs = Date.now() - backAt;
    await submitted;
    const after = await world.processes();
    const wrong = [...statuses.keys()].filter((status) => !['200', '503'].includes(status));
    return {
      what: `limit of 2 for 15 s; reads were answered ${[...statuses].map(([status, count]) => `${status} × ${count}`).join(', ')}`,
      recovery: { measuredMs: tookMs, barMs: 30_000, what: 'until items end again' },
      problems: [
        ...wrong.map((status) => `a read was answered ${status}`),
        ...before
          .filter(({ pid }) => !after.some((one) => one.pid === pid))
          .map(({ name }) => `${name} exited`),
      ],
    };
  },
};

/** Row 14: a table is locked for a minute. */
export const tableLocked: Row = {
  number: 14,
  name: 'table locked 60 s',
  async inject(world) {
    const { submitted } = await underLoad(world, world.packages, 0.2);
    const before = await world.processes();
    const lockedMs = 60_000;
    await world.sql.begin(async (tx) => {
      // A transaction that does nothing for a minute is otherwise ended by Postgres.
      await tx`set local idle_in_transaction_session_timeout = 0`;
      await tx`lock table aggregator.assessments in access exclusive mode`;
      await delay(lockedMs);
    });
    const backAt = Date.now();
    await progressed(world, await endedItems(world), 1);
    const tookMs = Date.now() - backAt;
    await submitted;
    const after = await world.processes();
    return {
      what: `aggregator.assessments locked for ${secondsOf(lockedMs)} s`,
      recovery: { measuredMs: tookMs, barMs: 30_000, what: 'until items end again' },
      problems: before
        .filter(({ pid }) => !after.some((one) => one.pid === pid))
        .map(({ name }) => `${name} exited`),
    };
  },
};
