import { isDeepStrictEqual } from 'node:util';
import { controlSchema, type Control } from '@sluice/contracts';
import { z } from 'zod';
import { openBucket, type Bucket, type Bus } from '@sluice/broker';

const bucketName = 'CONTROL';
/**
 * All controls are one value: they are seen all at once or not at all, and a bucket without it means that the
 * controls are unknown, not that there are none.
 */
const key = 'controls';
const document = z.array(controlSchema);

export function openControlBucket(bus: Bus): Promise<Bucket> {
  return openBucket(bus, bucketName);
}

/** The controls for the stages; null when the bucket has none. */
export async function readControls(bucket: Bucket): Promise<Control[] | null> {
  const entry = await bucket.use((opened) => opened.get(key));
  return entry?.operation === 'PUT' ? document.parse(entry.json()) : null;
}

/**
 * Writes the owner's controls to the bucket. To be called by one at a time: the last writer is
 * believed.
 * @returns whether the bucket had others before.
 */
export async function assertControls(bus: Bus, controls: Control[]): Promise<boolean> {
  const bucket = await openControlBucket(bus);
  // An unreadable value is written over.
  const known = await readControls(bucket).catch(() => null);
  if (isDeepStrictEqual(known, controls)) return false;
  await bucket.use((opened) => opened.put(key, JSON.stringify(controls)));
  return true;
}
