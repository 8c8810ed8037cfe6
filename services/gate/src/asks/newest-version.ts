import { errorCodeOf, TransientError } from '@sluice/contracts';
import { registryOf, singleFlight, type Registries } from '@sluice/registries';
import { LRUCache } from 'lru-cache';

/** A registry that takes longer is not waited for: the client is told to come again. */
const deadlineMs = 4_000;
/** A name that does not exist is asked for again and again by a client that retries. */
const absentTtlMs = 30_000;
const presentTtlMs = 60_000;
const rememberedMax = 10_000;

/** Finds the version that a name alone stands for, at the registry. */
export class NewestVersions {
  readonly #registries: Registries;
  readonly #known = new LRUCache<string, { version: string | null }>({ max: rememberedMax });
  readonly #flights = singleFlight<string | null>();

  constructor(registries: Registries) {
    this.#registries = registries;
  }

  /**
   * @returns null where the registry has no such package, or cannot be asked for it.
   * @throws errors of `Registry.newestVersion`.
   */
  async of(type: string, name: string): Promise<string | null> {
    const key = `${type}/${name}`;
    const known = this.#known.get(key);
    if (known) return known.version;
    const signal = AbortSignal.timeout(deadlineMs);
    const version = await this.#flights(key, (of) => this.#ask(type, name, of), signal).catch(
      (cause: unknown) => {
        if (!signal.aborted) throw cause;
        throw new TransientError('registry.unavailable', `The registry did not answer for ${name} in time.`, {
          cause,
        });
      },
    );
    this.#known.set(key, { version }, { ttl: version === null ? absentTtlMs : presentTtlMs });
    return version;
  }

  async #ask(type: string, name: string, signal: AbortSignal): Promise<string | null> {
    try {
      const registry = registryOf(this.#registries, type);
      return (await registry.newestVersion?.(name, signal)) ?? null;
    } catch (error) {
      if (errorCodeOf(error) === 'registry.version-not-found') return null;
      throw error;
    }
  }
}
