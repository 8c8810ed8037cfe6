import { setTimeout as pause } from 'node:timers/promises';
import { PermanentError, TransientError } from '@sluice/contracts';
import type { SharedStore } from './store.ts';

/** Where an installation keeps the id of the one artifact store that all its services share. */
export interface StoreRegistry {
  /** The store's id; null while no service has noted one. */
  read(): Promise<string | null>;
  /** Notes the id unless there is one. @returns the id that holds. */
  note(id: string): Promise<string>;
}

/** A store that is away at the start is asked again after this long. */
const againMs = 1_000;

/**
 * Makes sure that the place is the store of the installation: the first service notes its id, and every other compares.
 * Only the first makes a store, so that a folder that is not mounted or misspelt never becomes a second one. Waits while
 * the store is out of order.
 * @throws PermanentError `artifact.another-store`; errors of the registry; the signal's reason.
 */
export async function agreeOnStore(
  store: SharedStore,
  registry: StoreRegistry,
  signal: AbortSignal,
): Promise<void> {
  const found = await untilReadable(store, signal);
  const held = (await registry.read()) ?? (await registry.note(found ?? (await store.makeId())));
  const here = found ?? (await store.readId());
  store.expect(held);
  if (here === held) return;
  const what = here === null ? 'no artifact store: it has no store-id' : `the artifact store ${here}`;
  throw new PermanentError(
    'artifact.another-store',
    `${store.place} is ${what}; the services of this installation share ${held}. Name that store, or mount it. ` +
      `Only if its bytes are lost for good: ${store.howToAdopt(held)}`,
  );
}

async function untilReadable(store: SharedStore, signal: AbortSignal): Promise<string | null> {
  for (;;) {
    try {
      return await store.readId();
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      await pause(againMs, undefined, { signal });
    }
  }
}
