import { gunzipSync, gzipSync } from 'node:zlib';
import { openBucket, type Bus } from '@sluice/broker';
import { z } from 'zod';
import { knownKeySchema, type KnownKey } from './known-key.ts';

const bucketName = 'KEYS';
/** All keys are one value: a key that was revoked is gone in the same moment for all, and a bucket without it tells nothing. */
const key = 'keys';
const document = z.array(knownKeySchema);

/**
 * Writes the keys that hold, for the gate. The broker takes a megabyte: about 8,000 keys.
 * @returns whether others were there before.
 */
export async function publishKeyRing(bus: Bus, keys: readonly KnownKey[]): Promise<boolean> {
  const text = JSON.stringify(keys.toSorted((a, b) => (a.id < b.id ? -1 : 1)));
  const bucket = await openBucket(bus, bucketName);
  const known = await bucket.use((opened) => opened.get(key));
  if (known?.operation === 'PUT' && gunzipSync(known.value).toString() === text) return false;
  await bucket.use((opened) => opened.put(key, gzipSync(text)));
  return true;
}

/** The keys that hold; null while the bucket has none. */
export async function readKeyRing(bus: Bus): Promise<KnownKey[] | null> {
  const bucket = await openBucket(bus, bucketName);
  const entry = await bucket.use((opened) => opened.get(key));
  if (entry?.operation !== 'PUT') return null;
  return document.parse(JSON.parse(gunzipSync(entry.value).toString()));
}
