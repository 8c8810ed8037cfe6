import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { PermanentError } from '@sluice/contracts';
import type { TrustMaterial } from '@sigstore/verify';
import { z } from 'zod';

/** A key of a registry, as the root of trust states it. */
export interface TrustedKey {
  id: string;
  key: KeyObject;
  /** Milliseconds since 1970; null where the key has no end. */
  endMs: number | null;
}

/** The authorities and logs whose word counts. */
export interface Trust {
  /** How it is called in messages: where it is from, and of when. */
  source: string;
  material: TrustMaterial;
  /** Ids of the logs, in base64. */
  logs: ReadonlySet<string>;
  /** Keys of registries: those that are configured, then those that the shipped root has beside it. */
  registryKeys: readonly TrustedKey[];
}

const rootShape = z.looseObject({
  mediaType: z.string().startsWith('application/vnd.dev.sigstore.trustedroot'),
  tlogs: z.array(z.looseObject({})).min(1),
  certificateAuthorities: z.array(z.looseObject({})).min(1),
});

/** Whether a text looks like a root of trust, before it is loaded. */
export function isTrustedRoot(text: string): boolean {
  try {
    return rootShape.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}

/**
 * Loads a root of trust.
 * @param json of `trusted_root.json`, as `cosign trusted-root create` and TUF give it; the one that is shipped when left out.
 * @param keys of registries, which count before those that are shipped.
 * @throws PermanentError `config.invalid` for a text that is none.
 */
export async function loadTrust(json?: string, keys: readonly TrustedKey[] = []): Promise<Trust> {
  return json === undefined
    ? await loadShipped(keys)
    : await toTrust(json, 'the configured trust root', keys);
}

/** The package has the first root of its TUF client; only the file is read, and nothing is fetched. */
async function loadShipped(own: readonly TrustedKey[]): Promise<Trust> {
  const seedsFile = fileURLToPath(import.meta.resolve('@sigstore/tuf/seeds.json'));
  const { version } = z
    .object({ version: z.string() })
    .parse(
      JSON.parse(await readFile(fileURLToPath(import.meta.resolve('@sigstore/tuf/package.json')), 'utf8')),
    );
  const seeds = seedsShape.parse(JSON.parse(await readFile(seedsFile, 'utf8')));
  const [seed] = Object.values(seeds);
  const targets = Object.entries(seed?.targets ?? {});
  const textOf = (end: string) => {
    const found = targets.find(([name]) => name.endsWith(end))?.[1];
    return found === undefined ? null : Buffer.from(found, 'base64').toString('utf8');
  };
  const root = textOf('trusted_root.json');
  if (root === null) throw new PermanentError('config.invalid', 'The shipped trust root is gone.');
  const keys = textOf('keys.json');
  const shipped = keys === null ? [] : readKeys(keys);
  return await toTrust(root, `the trust root of @sigstore/tuf ${version}`, [...own, ...shipped]);
}

const seedsShape = z.record(z.string(), z.object({ targets: z.record(z.string(), z.string()) }));

const keysShape = z.object({
  keys: z.array(
    z.looseObject({
      keyId: z.string(),
      publicKey: z.looseObject({
        rawBytes: z.string(),
        validFor: z.looseObject({ end: z.string().optional() }).optional(),
      }),
    }),
  ),
});

/** A key stands there once for each of its uses, with one end. */
function readKeys(text: string): TrustedKey[] {
  const found = new Map<string, TrustedKey>();
  for (const { keyId, publicKey } of keysShape.parse(JSON.parse(text)).keys) {
    const { rawBytes, validFor } = publicKey;
    const key = createPublicKey({ key: Buffer.from(rawBytes, 'base64'), format: 'der', type: 'spki' });
    found.set(keyId, { id: keyId, key, endMs: validFor?.end ? Date.parse(validFor.end) : null });
  }
  return [...found.values()];
}

async function toTrust(json: string, source: string, registryKeys: readonly TrustedKey[]): Promise<Trust> {
  const [{ TrustedRoot }, { toTrustMaterial }] = await Promise.all([
    import('@sigstore/protobuf-specs'),
    import('@sigstore/verify'),
  ]);
  const keyObjects = new Map(registryKeys.toReversed().map((known) => [known.id, known]));
  try {
    if (!isTrustedRoot(json)) throw new Error('It is no trusted_root.json.');
    const root = TrustedRoot.fromJSON(JSON.parse(json));
    const material = toTrustMaterial(root, (hint) => {
      const known = keyObjects.get(hint);
      if (!known) throw new UnknownKey();
      const { key, endMs } = known;
      return { publicKey: key, validFor: (date: Date) => endMs === null || date.getTime() <= endMs };
    });
    const ids = root.tlogs.flatMap(({ logId, checkpointKeyId }) => [logId, checkpointKeyId]);
    const logs = new Set(ids.flatMap((id) => (id ? [id.keyId.toString('base64')] : [])));
    return { source, material, logs, registryKeys };
  } catch (cause) {
    throw new PermanentError('config.invalid', `SIGSTORE_TRUSTED_ROOT: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** A bundle names a key that the root of trust does not have. */
export class UnknownKey extends Error {
  override readonly name = 'UnknownKey';
}
