import { registryOf, type Registries, type UpstreamFile } from '@sluice/registries';
import type { Logger } from '@sluice/runtime';
import { LRUCache } from 'lru-cache';

/** Lists of usual packages have some hundred files; the largest, of nightly builds, 20,000. */
const keptFiles = 500_000;
const ttlMs = 5 * 60_000;
/** A registry that takes longer is not waited for; its answer is there for the next question. */
const deadlineMs = 3_000;

/**
 * What the registries list of packages, beside what is known of them: nothing of it may be installed for that. A list that is older
 * than five minutes is shown once more while it is asked for anew, also while the registry is away.
 */
export class UpstreamFiles {
  /** For how long a list counts, in milliseconds. */
  static readonly ttlMs = ttlMs;
  readonly #kept: LRUCache<string, UpstreamFile[], undefined>;
  readonly #log: Logger;

  constructor(registries: Registries, log: Logger) {
    this.#log = log;
    this.#kept = new LRUCache({
      maxSize: keptFiles,
      sizeCalculation: ({ length }) => 1 + length,
      ttl: ttlMs,
      allowStale: true,
      allowStaleOnFetchRejection: true,
      ignoreFetchAbort: true,
      fetchMethod: async (key, _stale, { signal }) => {
        const at = key.indexOf('/');
        const [type, name] = [key.slice(0, at), key.slice(at + 1)];
        return (await registryOf(registries, type).files?.(name, signal)) ?? [];
      },
    });
  }

  /** @returns null where the registry does not say so in time. */
  async of(type: string, name: string): Promise<UpstreamFile[] | null> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), deadlineMs);
    });
    const asked = this.#kept.fetch(`${type}/${name}`).catch((error: unknown) => {
      this.#log.info({ err: error, type, name }, 'the registry does not list the files of a package');
      return null;
    });
    try {
      return (await Promise.race([asked, late])) ?? null;
    } finally {
      clearTimeout(timer);
    }
  }
}
