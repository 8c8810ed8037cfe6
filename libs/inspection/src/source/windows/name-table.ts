import { memberMark, wordHash } from './word-hash.ts';

/** A name that stands for something that matters, in the function where it is declared; -1 for the whole text. */
export interface Name {
  text: string;
  scope: number;
}

/** Names by their hash. Nearly all words of a text are none of them, which the first look tells. */
export class NameTable {
  readonly #names = new Map<number, Name[]>();
  readonly #mayHave = new Uint8Array(tableMask + 1);

  constructor(names: readonly Name[]) {
    for (const name of names) {
      const hash = wordHash(name.text);
      this.#mayHave[hash & tableMask] = 1;
      const others = this.#names.get(hash);
      if (others) others.push(name);
      else this.#names.set(hash, [name]);
    }
  }

  find(hash: number): readonly Name[] {
    return this.#mayHave[hash & tableMask] === 1 ? (this.#names.get(hash & ~memberMark) ?? none) : none;
  }
}

const tableMask = 0xfff;
const none: readonly Name[] = [];
