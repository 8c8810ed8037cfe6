import { TransientError } from '@sluice/contracts';
import type { Bus } from '../connection/connection.ts';
import { openBucket } from './bucket.ts';

const bucketName = 'STORE';
const key = 'artifacts';

/**
 * Where the services of an installation find the id of the artifact store that they share: the one thing that all of
 * them reach is the broker.
 */
export interface SharedStoreId {
  read(): Promise<string | null>;
  /**
   * Notes the id unless there is one.
   * @returns the id that holds.
   * @throws TransientError for a client that makes nothing at the broker: it waits for the id.
   */
  note(id: string): Promise<string>;
  /** Overwrites the id in the bucket. The broker may have lost it, and a service may have noted another one since. */
  assert(id: string): Promise<void>;
}

/** @throws when the broker cannot be asked. */
export async function sharedStoreId(bus: Bus): Promise<SharedStoreId> {
  const bucket = await openBucket(bus, bucketName);
  const read = async () => {
    const entry = await bucket.use((opened) => opened.get(key));
    return entry?.operation === 'PUT' ? entry.string() : null;
  };
  return {
    read,
    async note(id) {
      if (!bus.isMaker)
        throw new TransientError(
          'backend.unavailable',
          'The id of the artifact store is not noted at the broker yet.',
        );
      // Refused when another service was faster.
      await bucket.use((opened) => opened.create(key, id)).catch(() => {});
      const held = await read();
      if (held === null) throw new Error('The id of the artifact store cannot be noted at the broker.');
      return held;
    },
    async assert(id) {
      if ((await read()) !== id) await bucket.use((opened) => opened.put(key, id));
    },
  };
}
