import { errorCodeOf, PermanentError, type ProvenanceEvidence } from '@sluice/contracts';
import { loadTrust, unavailable, unverified, type Trust } from '@sluice/provenance';
import { hostOf, parseJsonAnswer, type Upstream, type VersionManifest } from '@sluice/registries';
import { verifyProvenance } from './attestations.ts';
import type { IndexPage } from './index-page.ts';
import { filesOfVersion, previousVersion, type ListedFile } from './read-version.ts';

/** Bundles with their certificates have some 10 kB each. */
const provenanceBytesMax = 2 * 1024 * 1024;

export interface Origin {
  /** By the name of the file; a file that the index states no attestation of is left out. */
  provenance: Map<string, ProvenanceEvidence>;
  provenanceBefore: VersionManifest['provenanceBefore'];
}

/** Attestations of the files of an index. */
export class PypiOrigin {
  readonly #upstream: Upstream;
  readonly #trustedRoot: string | undefined;
  #trust: Promise<Trust> | null = null;

  constructor(upstream: Upstream, trustedRoot: string | undefined) {
    this.#upstream = upstream;
    this.#trustedRoot = trustedRoot;
  }

  /**
   * The attestations of the files of a version, and of one file of the version before, where both state one.
   * @param files of the version that are assessed.
   * @throws errors of an outage; an index without attestations is none.
   */
  async of(
    files: readonly ListedFile[],
    page: IndexPage,
    { name, version, pageUrl }: { name: string; version: string; pageUrl: string },
    signal: AbortSignal,
  ): Promise<Origin> {
    const read = files.map(async (file): Promise<[string, ProvenanceEvidence][]> => {
      return file.provenance === null ? [] : [[file.file, await this.#read(file, file.provenance, signal)]];
    });
    const provenance = new Map((await Promise.all(read)).flat());
    const before = previousVersion(page, { name, version });
    if (before === null) return { provenance, provenanceBefore: null };
    const earlier = filesOfVersion(page, { name, version: before, pageUrl }).find(
      (file) => file.provenance !== null,
    );
    const isCompared = [...provenance.values()].some(({ status }) => status === 'verified');
    const stated = earlier
      ? isCompared
        ? await this.#read(earlier, earlier.provenance!, signal)
        : unverified('It was not looked at: this version has none to compare it with.')
      : unavailable;
    return { provenance, provenanceBefore: { version: before, provenance: stated } };
  }

  /** Only an outage is an error: then it is not known whether there is one. */
  async #read({ file, hashes }: ListedFile, url: string, signal: AbortSignal): Promise<ProvenanceEvidence> {
    try {
      const request = {
        maxBytes: provenanceBytesMax,
        accept: 'application/vnd.pypi.integrity.v1+json, application/json',
      };
      const { bytes } = await this.#upstream.read(url, request, signal);
      const sha256 = hashes['sha256'] ?? null;
      return await verifyProvenance(parseJsonAnswer(bytes), { file, sha256 }, await this.#openTrust());
    } catch (error) {
      const judged = await this.#upstream.judge(error, hostOf(url), url, signal);
      const isOutage =
        !(judged instanceof PermanentError) && errorCodeOf(judged) !== 'registry.invalid-metadata';
      if (isOutage) throw judged;
      return unverified('The index does not have the attestations that it states.');
    }
  }

  /** Loaded for the first file that needs it: the libraries take 100 ms. */
  #openTrust(): Promise<Trust> {
    this.#trust ??= loadTrust(this.#trustedRoot);
    return this.#trust;
  }
}
