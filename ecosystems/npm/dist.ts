import { statedHashes, type PackageFile } from '@sluice/contracts';

/** Registries sign with one key, or two while they change. */
const signaturesMax = 10;

/** The part of a version's entry that says who vouches for it. */
export interface Dist {
  integrity?: string | undefined;
  signatures?: readonly unknown[] | undefined;
  attestations?: unknown;
}

/** @param entry of a version, as the registry sent it. */
export function distOf(entry: unknown): Dist {
  const { dist } = (entry ?? {}) as { dist?: unknown };
  const { integrity, signatures, attestations } = (dist ?? {}) as Record<string, unknown>;
  return {
    integrity: typeof integrity === 'string' && integrity !== '' ? integrity : undefined,
    signatures: Array.isArray(signatures) ? signatures.slice(0, signaturesMax) : [],
    attestations: attestations === null || attestations === false ? undefined : attestations,
  };
}

/** The archive by the hashes that the entry states. */
export function fileOf({ integrity }: Dist): Pick<PackageFile, 'hashes'> {
  return { hashes: statedHashes({ integrity: integrity ?? null, shasum: null }) };
}
