import { nkeys } from '@nats-io/transport-node';

/** A new nkey of a user. @returns its seed, which is the secret; it begins with `SU`. */
export function createNatsSeed(): string {
  return new TextDecoder().decode(nkeys.createUser().getSeed());
}

/**
 * The public key of a seed, by which the broker knows the user.
 * @throws Error when it is no seed.
 */
export function natsPublicKey(seed: string): string {
  return nkeys.fromSeed(new TextEncoder().encode(seed.trim())).getPublicKey();
}
