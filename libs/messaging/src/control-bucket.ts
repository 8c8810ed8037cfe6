import { isDeepStrictEqual } from 'node:util';
import { controlSchema, type Control } from '@sluice/contracts';
import { z } from 'zod';
import { openBucket, type Bucket } from './bucket.ts';
import type { Bus } from './connection.ts';

const bucketName = 'CONTROL';
/**
 * All controls are one value: they are seen all at once or not at all, and a bucket without it says that nobody
 * knows, which is not the same as that nothing is held.
 */
const key = 'controls';
const document = z.array(controlSchema);

export function openControlBucket(bus: Bus): Promise<Bucket> {
  return openBucket(bus, bucketName);
}

/** What the stages are told to hold; null when the bucket does not say. */
export async function readControls(bucket: Bucket): Promise<Control[] | null> {
  const entry = await bucket.use((opened) => opened.get(key));
  return entry?.operation === 'PUT' ? document.parse(entry.json()) : null;
}

/**
 * Has the bucket say what the owner of the controls says. To be called by one at a time: whoever writes last is
 * believed.
 * @returns whether it said something else before.
 */
export async function assertControls(bus: Bus, controls: Control[]): Promise<boolean> {
  const bucket = await openControlBucket(bus);
  // What cannot be read is written over.
  const known = await readControls(bucket).catch(() => null);
  if (isDeepStrictEqual(known, controls)) return false;
  await bucket.use((opened) => opened.put(key, JSON.stringify(controls)));
  return true;
}
