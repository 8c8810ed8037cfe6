import { recordAudit } from '@sluice/delivery';
import type { Control, StageName } from '@sluice/contracts';
import { assertControls, listWorkers } from '@sluice/stages';
import type { Bus } from '@sluice/broker';
import type { Sql, Tx } from '@sluice/postgres';
import type { AggregatorDeps } from '../deps.ts';
import { transact } from '../transact.ts';

/** All controls, in one order. */
export async function readHeld(sql: Sql | Tx): Promise<Control[]> {
  const rows = await sql<(Omit<Control, 'at'> & { at: Date })[]>`
    select kind, name, held_by as by, reason, at from controls order by kind, name`;
  return rows.map(({ kind, name, by, reason, at }) => ({ kind, name, by, reason, at: at.toISOString() }));
}

/**
 * Brings the broker's copy of the controls up to date with the table: after a command, and after the
 * broker lost it or a crash came between commit and copy. Replicas take turns, so that none writes an outdated copy.
 * @throws when the broker or Postgres is not there.
 */
export async function publishControls(bus: Bus, { sql, log }: AggregatorDeps): Promise<void> {
  const changed = await sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtext('sluice controls'))`;
    return assertControls(bus, await readHeld(tx));
  });
  if (changed) log.info('controls were published');
}

/**
 * Whether lateness is expected: the stage is paused, or any control holds while the stage's
 * consumer is missing, since a paused instance does not notice that the broker lost it. Pure.
 */
export function mayBeHeld(stage: StageName, hasConsumer: boolean, held: Control[]): boolean {
  return held.some(({ kind, name }) => (kind === 'stage' && name === stage) || !hasConsumer);
}

/**
 * Longer than any restart under the same name takes, and short enough that an operating system is not likely to give
 * the process id, which is part of the name, to another instance meanwhile.
 */
const drainKeptMs = 3_600_000;

/** Removes the drains of instances that have been gone for an hour. */
export async function forgetGoneWorkers(bus: Bus, deps: AggregatorDeps): Promise<void> {
  if (!(await readHeld(deps.sql)).some(({ kind }) => kind === 'worker')) return;
  const alive = (await listWorkers(bus)).map(({ service, instance }) => `${service}/${instance}`);
  const now = deps.now();
  await transact(deps, 'forget gone workers', async (tx) => {
    await tx`update controls set seen_at = ${now} where kind = 'worker' and name = any(${alive}::text[])`;
    const gone = await tx<{ name: string }[]>`
      delete from controls where kind = 'worker' and seen_at < ${new Date(now.getTime() - drainKeptMs)} returning name`;
    for (const { name } of gone) {
      const detail = { reason: 'The instance has been gone for an hour.' };
      await recordAudit(tx, 'aggregator', {
        actor: 'sluice',
        action: 'undrain',
        subject: `worker ${name}`,
        detail,
      });
    }
  });
}
