import { recordAudit } from '@sluice/delivery';
import { PermanentError, type ControlInput, type ControlOutput } from '@sluice/contracts';
import { listWorkers } from '@sluice/stages';
import type { Bus } from '@sluice/broker';
import { publishControls, readHeld } from '../recovery/controls.ts';
import type { AggregatorDeps } from '../deps.ts';
import { transact } from '../transact.ts';

const actions = {
  stage: { true: 'pause', false: 'resume' },
  host: { true: 'pause', false: 'resume' },
  worker: { true: 'drain', false: 'undrain' },
} as const;

/**
 * Pauses or resumes a stage or a host, drains an instance or lets it work again. A control that holds already stays as it is,
 * with its first author. Answered when the broker has it too, unless that fails: then the
 * reconciler sees to it.
 * @throws PermanentError `worker.not-found` for an instance that does not live.
 */
export async function setControl(
  bus: Bus,
  input: ControlInput,
  deps: AggregatorDeps,
): Promise<ControlOutput> {
  const { kind, name, by, reason, held } = input;
  if (kind === 'worker' && held) await checkLives(bus, name);
  const output = await transact(deps, 'command control', async (tx) => {
    const now = deps.now();
    const rows = held
      ? await tx`
          insert into controls (kind, name, held_by, reason, at, seen_at)
          values (${kind}, ${name}, ${by}, ${reason}, ${now}, ${now}) on conflict do nothing returning kind`
      : await tx`delete from controls where kind = ${kind} and name = ${name} returning kind`;
    const changed = rows.length > 0;
    if (changed) {
      const action = actions[kind][`${held}`];
      await recordAudit(tx, 'aggregator', {
        actor: by,
        action,
        subject: `${kind} ${name}`,
        detail: { reason },
      });
    }
    const holding = await readHeld(tx);
    return { changed, control: holding.find((one) => one.kind === kind && one.name === name) ?? null };
  });
  await publishControls(bus, deps).catch((error: unknown) =>
    deps.log.warn({ err: error }, 'controls were not published; the reconciler will'),
  );
  return output;
}

async function checkLives(bus: Bus, name: string): Promise<void> {
  const workers = await listWorkers(bus);
  if (workers.some(({ service, instance }) => `${service}/${instance}` === name)) return;
  throw new PermanentError('worker.not-found', `No instance ${name} said that it lives.`);
}
