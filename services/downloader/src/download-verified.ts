import { pipeline } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import type { ArtifactStore } from '@sluice/artifacts';
import { errorCodeOf, type ByteDigests, type FileHash } from '@sluice/contracts';
import type { FetchedBytes } from '@sluice/stages';
import {
  digestingStream,
  isNoArchive,
  verifyStatement,
  type Archive,
  type Registry,
  type StatementVerdict,
} from '@sluice/registries';

export type Download =
  | {
      status: 'verified';
      artifactDigest: string;
      sizeBytes: number;
      digests: Required<Omit<ByteDigests, 'h1'>>;
      verifiedWith: (StatementVerdict & { matches: true })['algorithm'];
    }
  | { status: 'integrity-failed'; detail: string }
  | { status: 'missing' };

export interface DownloadDeps {
  registry: Registry;
  artifacts: ArtifactStore;
  /** Takes how much of the archive is here, as it comes. */
  report: (bytes: FetchedBytes) => void;
}

/** A cache on the way that holds damaged bytes is often mended by a second request, hardly ever by a fourth. */
const triesMax = 3;
const backoffMs = 100;

/**
 * Streams an archive into the store while hashing it. The bytes become visible only when they match the
 * registry's hashes; wrong and broken-off bytes are fetched again, and after three times nothing is stored. A page in
 * place of the archive says nothing of the archive's integrity.
 * @throws errors of `Registry.tarball`, `Registry.notAnArchive` and `ArtifactStore.put`; an outage is never
 * `integrity-failed`.
 */
export async function downloadVerified(
  url: string,
  stated: FileHash[],
  { registry, artifacts, report }: DownloadDeps,
  signal: AbortSignal,
): Promise<Download> {
  for (let tries = 1; ; tries += 1) {
    const archive = await registry.tarball(url, signal);
    if (archive === null) return { status: 'missing' };
    try {
      const download = await store(archive, stated, { artifacts, report });
      registry.isArchive(url);
      return download;
    } catch (error) {
      if (error instanceof NotAnArchive) throw await registry.notAnArchive(url, signal);
      const detail = integrityFailure(error);
      if (detail === null) throw error;
      if (tries === triesMax) return { status: 'integrity-failed', detail };
    }
    await wait(backoffMs * tries, undefined, { signal });
  }
}

async function store(
  { body, contentType, sizeBytes: total }: Archive,
  stated: FileHash[],
  { artifacts, report }: Pick<DownloadDeps, 'artifacts' | 'report'>,
): Promise<Download> {
  const digesting = digestingStream();
  // The store reads `digesting` and sees its errors; this closes either end when the other fails.
  pipeline(body, digesting, () => {});
  body.on('data', () => report({ received: digesting.sizeBytes(), total }));
  let verifiedWith: (Download & { status: 'verified' })['verifiedWith'] = 'none';
  const { digest, sizeBytes } = await artifacts.put(digesting, {
    verify() {
      const verdict = verifyStatement(stated, digesting.digests());
      const isExpected = verdict.matches && verdict.algorithm !== 'none';
      if (!isExpected && isNoArchive(contentType, digesting.head())) throw new NotAnArchive();
      if (!verdict.matches) throw new IntegrityMismatch(verdict);
      verifiedWith = verdict.algorithm;
    },
  });
  return {
    status: 'verified',
    artifactDigest: digest,
    sizeBytes,
    digests: digesting.digests(),
    verifiedWith,
  };
}

/** Stays in this file: the registry's client knows whether it is an outage. */
class NotAnArchive extends Error {}

/** Stays in this file: outside, wrong bytes are a result. */
class IntegrityMismatch extends Error {
  constructor({ algorithm, expected, found }: StatementVerdict & { matches: false }) {
    super(`The registry states ${algorithm} ${expected}, and sent ${found}.`);
  }
}

/** Describes wrong or incomplete bytes; null for any other failure. */
function integrityFailure(error: unknown): string | null {
  if (error instanceof IntegrityMismatch) return error.message;
  return errorCodeOf(error) === 'egress.broken-off'
    ? 'The registry broke off in the middle of the archive.'
    : null;
}
