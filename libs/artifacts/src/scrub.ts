import { errorCodeOf } from '@sluice/contracts';
import type { SharedStore } from './store.ts';

export interface ScrubResult {
  artifacts: number;
  sizeBytes: number;
  /** Digests whose bytes are others, or cannot be read. */
  damaged: { digest: string; code: string }[];
}

/** Codes of artifacts that are not whole; any other failure is of the store. */
const damageCodes = new Set(['artifact.corrupt', 'artifact.missing']);

/**
 * Reads every artifact and compares it with its digest. It changes nothing.
 * @param onProgress called after each artifact with the number of those that were read.
 * @throws TransientError `artifact.unavailable` when the store is away.
 */
export async function scrub(
  store: SharedStore,
  onProgress: (artifacts: number) => void = () => {},
): Promise<ScrubResult> {
  const result: ScrubResult = { artifacts: 0, sizeBytes: 0, damaged: [] };
  for await (const { digest, sizeBytes } of store.list()) {
    try {
      for await (const chunk of await store.open(digest)) void chunk;
    } catch (error) {
      const code = errorCodeOf(error);
      if (!damageCodes.has(code)) throw error;
      result.damaged.push({ digest, code });
    }
    result.artifacts += 1;
    result.sizeBytes += sizeBytes;
    onProgress(result.artifacts);
  }
  return result;
}
