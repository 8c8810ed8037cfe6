import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createNatsSeed, natsPublicKey } from '@sluice/broker';
import { ownSecret } from '../secrets/own-secret.ts';
import { natsUsers, type NatsUser } from './nats-rights.ts';

/** The file of a user's seed in a folder of them. */
export const natsKeyFile = (folder: string, user: string): string => join(folder, `${user}.nk`);

/**
 * Has a seed for each user in a folder, made when it is not there; seeds and folder are for their owner only.
 * @returns public keys by user, for the broker.
 */
export async function keepNatsKeys(folder: string): Promise<Record<NatsUser, string>> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const form = { create: createNatsSeed, pattern: /^SU[A-Z2-7]{56}$/ };
  const keys = await Promise.all(
    natsUsers.map(async (user) => [user, natsPublicKey(await ownSecret(natsKeyFile(folder, user), form))]),
  );
  return Object.fromEntries(keys) as Record<NatsUser, string>;
}
