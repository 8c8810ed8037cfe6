import type { Bus } from '@sluice/broker';
import { readKeyRing, type KeyRing } from '@sluice/identity';
import { repeat, type ServiceContext } from '@sluice/runtime';

/** A key that was revoked is refused within this time and the time that the gateway takes to write the ring. */
const everyMs = 1_000;

/** Keeps a ring of keys as the broker has it. While the broker is away, the keys that are known go on counting until they end. */
export function followKeys(
  ring: KeyRing,
  bus: Bus,
  context: Pick<ServiceContext<unknown>, 'log' | 'onStop'>,
): void {
  const run = async () => {
    const keys = await readKeyRing(bus);
    if (keys && ring.replace(keys)) context.log.info({ keys: keys.length }, 'the keys have changed');
  };
  repeat(context, { name: 'reading the ring of keys', everyMs, run });
}
