import { errorCodeOf, PermanentError, TransientError, type PackageFile } from '@sluice/contracts';
import { loadTrust, unavailable, unverified, type Trust } from '@sluice/provenance';
import {
  DocumentCache,
  hostOf,
  parseJsonAnswer,
  UnusableAnswer,
  type Upstream,
  type VersionManifest,
} from '@sluice/registries';
import { verifyAttestations } from './attestations.ts';
import { distOf, fileOf, type Dist } from './dist.ts';
import {
  configuredKeys,
  isByOneOf,
  readRegistryKeys,
  verifyRegistrySignature,
  type RegistryKey,
} from './registry-signature.ts';

const keysBytesMax = 256 * 1024;
/** Two bundles with their certificates have some 20 kB. */
const attestationsBytesMax = 4 * 1024 * 1024;
/** Keys change once in years. */
const cacheLimits = { maxBytes: 1024 * 1024, ttlMs: 600_000 };

const unsigned = { status: 'unavailable' as const, key: null, detail: 'The registry states no signature.' };

export interface OriginSettings {
  /** Address of the main registry, with a slash at its end. */
  main: string;
  /** Its keys, as JSON; no others count for it then. */
  keys?: string | undefined;
  trustedRoot?: string | undefined;
}

/** Signatures of registries over versions, and attestations of their builds. */
export class NpmOrigin {
  readonly #upstream: Upstream;
  readonly #main: string;
  readonly #configured: readonly RegistryKey[] | null;
  readonly #trustedRoot: string | undefined;
  readonly #keyLists = new DocumentCache<RegistryKey[]>(readKeys, cacheLimits);
  #trust: Promise<Trust> | null = null;

  /** @throws PermanentError `config.invalid` for keys that are none. */
  constructor(upstream: Upstream, { main, keys, trustedRoot }: OriginSettings) {
    this.#upstream = upstream;
    this.#main = main;
    this.#configured = keys === undefined ? null : configuredKeys(keys);
    this.#trustedRoot = trustedRoot;
  }

  /**
   * A version with who vouches for it. Its attestation is compared with that of the version before, where both state one.
   * @param base address of its registry, with a slash at its end.
   * @param before entry of the version before; undefined where it is not known.
   * @throws errors of an outage; a registry without keys or attestations is none.
   */
  async added(
    found: VersionManifest,
    { base, name, version, before }: { base: string; name: string; version: string; before?: unknown },
    signal: AbortSignal,
  ): Promise<VersionManifest> {
    const own = distOf(found.raw);
    const [signature, provenance] = await Promise.all([
      this.#signature(found, own, { base, name, version }, signal),
      this.#provenance(own, found.files[0], { base, name, version }, signal),
    ]);
    const files = found.files.map((file) => ({ ...file, signature, provenance }));
    const since = found.gained?.since;
    if (since === undefined || before === undefined) return { ...found, files };
    const earlier = distOf(before);
    const isCompared = own.attestations !== undefined && provenance.status === 'verified';
    const provenanceBefore =
      earlier.attestations === undefined
        ? unavailable
        : isCompared
          ? await this.#provenance(earlier, fileOf(earlier), { base, name, version: since }, signal)
          : unverified('It was not looked at: this version has none to compare it with.');
    return { ...found, files, provenanceBefore: { version: since, provenance: provenanceBefore } };
  }

  async #signature(
    { publishedAt }: VersionManifest,
    { signatures = [], integrity }: Dist,
    { base, name, version }: { base: string; name: string; version: string },
    signal: AbortSignal,
  ) {
    if (signatures.length === 0) return unsigned;
    if (integrity === undefined)
      return {
        status: 'unverified' as const,
        key: null,
        detail: 'The registry states no integrity that is signed.',
      };
    const publishedMs = publishedAt === null ? null : Date.parse(publishedAt);
    return verifyRegistrySignature(
      { name, version, integrity, publishedMs },
      signatures,
      await this.#keys(base, signatures, signal),
    );
  }

  /**
   * Shipped keys count before those that a registry states, so that none can give another key under the id of a shipped one; a
   * registry is asked for its keys where a signature is by none of them.
   */
  async #keys(
    base: string,
    signatures: readonly unknown[],
    signal: AbortSignal,
  ): Promise<readonly RegistryKey[]> {
    if (this.#configured && base === this.#main) return this.#configured;
    const { registryKeys } = await this.#openTrust();
    if (isByOneOf(signatures, registryKeys)) return registryKeys;
    const url = `${base}-/npm/v1/keys`;
    const load = async (of: AbortSignal) =>
      (await this.#upstream.read(url, { maxBytes: keysBytesMax, accept: 'application/json' }, of)).bytes;
    const stated = await this.#optional(this.#keyLists.get(url, load, signal), url, signal);
    return [...registryKeys, ...(stated ?? [])];
  }

  async #provenance(
    { attestations }: Dist,
    file: Pick<PackageFile, 'hashes'> | undefined,
    { base, name, version }: { base: string; name: string; version: string },
    signal: AbortSignal,
  ) {
    if (attestations === undefined) return unavailable;
    const path = name
      .split('/')
      .map((part) => encodeURIComponent(part).replace('%40', '@'))
      .join('/');
    const url = `${base}-/npm/v1/attestations/${path}@${encodeURIComponent(version)}`;
    const read = this.#upstream.read(
      url,
      { maxBytes: attestationsBytesMax, accept: 'application/json' },
      signal,
    );
    const json = await this.#optional(
      read.then(({ bytes }) => parseJsonAnswer(bytes)),
      url,
      signal,
    );
    if (json === null) return unverified('The registry does not have the attestations that it states.');
    const sha512 = file?.hashes.find(({ algorithm }) => algorithm === 'sha512')?.hex ?? null;
    return await verifyAttestations(json, { name, version, sha512 }, await this.#openTrust());
  }

  /** Loaded for the first version that needs it: the libraries take 100 ms. */
  #openTrust(): Promise<Trust> {
    this.#trust ??= loadTrust(this.#trustedRoot, this.#configured ?? []);
    return this.#trust;
  }

  /** A document that a registry need not have. Only an outage is an error: then it is not known whether there is one. */
  async #optional<Result>(
    reading: Promise<Result>,
    url: string,
    signal: AbortSignal,
  ): Promise<Result | null> {
    try {
      return await reading;
    } catch (error) {
      const judged = await this.#upstream.judge(error, hostOf(url), url, signal);
      const isOutage =
        !(judged instanceof PermanentError) && errorCodeOf(judged) !== 'registry.invalid-metadata';
      if (isOutage) throw judged;
      return null;
    }
  }
}

/** @throws UnusableAnswer for JSON that is no list of keys. */
function readKeys(bytes: Buffer): RegistryKey[] {
  const keys = readRegistryKeys(parseJsonAnswer(bytes));
  if (keys !== null) return keys;
  throw new UnusableAnswer(
    new TransientError('registry.invalid-metadata', 'The registry sent JSON that is no list of keys.'),
  );
}
