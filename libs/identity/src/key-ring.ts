import { isDeepStrictEqual } from 'node:util';
import type { KnownKey } from './known-key.ts';

/** The keys that hold, as a process that reaches no database last heard of them. */
export class KeyRing {
  #keys = new Map<string, KnownKey>();
  #isKnown = false;

  /** Whether the keys were ever heard of: before that, no key can be told from a wrong one. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  get contents(): KnownKey[] {
    return [...this.#keys.values()];
  }

  find(id: string): KnownKey | null {
    return this.#keys.get(id) ?? null;
  }

  /** @returns whether other keys were there before. */
  replace(keys: readonly KnownKey[]): boolean {
    const isChange = !this.#isKnown || !isDeepStrictEqual(keys, this.contents);
    this.#keys = new Map(keys.map((one) => [one.id, one]));
    this.#isKnown = true;
    return isChange;
  }
}
