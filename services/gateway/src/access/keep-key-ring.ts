import type { Bus } from '@sluice/broker';
import { publishKeyRing } from '@sluice/identity';
import type { Sql } from '@sluice/postgres';
import { repeat, type ServiceContext } from '@sluice/runtime';
import { holdingKeys } from './api-keys.ts';

/** A change that was missed, by a crash or while the broker was away, reaches the gate within this time; so does a key's end. */
const everyMs = 15_000;

/**
 * Keeps the ring of keys at the broker as the record of keys is.
 * @returns `wake`, which does so at once.
 */
export function keepKeyRing(
  bus: Bus,
  own: Sql,
  context: Pick<ServiceContext<unknown>, 'log' | 'onStop'>,
): { wake: () => void } {
  let publishing = Promise.resolve();
  // One after the other: the last writer must be the one that read last.
  const publish = () =>
    (publishing = publishing
      .catch(() => {})
      .then(async () => void (await publishKeyRing(bus, await holdingKeys(own)))));
  repeat(context, { name: 'publishing the ring of keys', everyMs, run: publish });
  return { wake: () => void publish().catch(() => {}) };
}
