import { declaredAt, hasParameter, nameOfFunction } from './function-names.ts';
import { NameTable, type Name } from './name-table.ts';
import { outlineOf, type Outline } from './outline.ts';
import { memberMark } from './word-hash.ts';

/** A function of this size is kept as a whole: what belongs together stands close together. */
const unitMax = 4_096;
/** Functions that call one of the functions in question, and functions that call those. */
const callersMax = 2;
/** Functions that are called by those that are kept. */
const calledMax = 1;
/** A method that is called more often has a name that many have. */
const memberCallsMax = 64;
/** A text of which more than this is kept is read whole. */
const keptShareMax = 0.85;
/**
 * A long text of JavaScript with the bodies of those functions blanked that have nothing to do with the given places. Kept
 * are the code outside of functions, the functions around the places, those that mention what is made of them, and those that
 * they call. Positions stay as they are.
 * @param places positions of words that matter.
 * @returns null where most would be kept, or where the text cannot be told apart.
 */
export function windowsOf(
  text: string,
  places: readonly number[],
): { text: string; keptLength: number } | null {
  const outline = outlineOf(text);
  if (!outline) return null;
  const windows = new Windows(text, outline);
  windows.keepAround(places);
  const kept = windows.text();
  return kept.keptLength > text.length * keptShareMax ? null : kept;
}

const blanked = 0;
/** Only the code outside of the functions within is kept. */
const opened = 1;
const whole = 2;

class Windows {
  readonly #text: string;
  readonly #outline: Outline;
  /** Of each function, what is kept. */
  readonly #kept: Uint8Array;

  constructor(text: string, outline: Outline) {
    this.#text = text;
    this.#outline = outline;
    this.#kept = new Uint8Array(outline.starts.length);
  }

  keepAround(places: readonly number[]): void {
    let names: Name[] = [];
    for (const place of places) names.push(...this.#keepAt(place));
    for (let level = 0; level < callersMax && names.length > 0; level += 1) names = this.#keepMentions(names);
    for (let level = 0; level < calledMax; level += 1) this.#keepCalled();
  }

  /** The text that is kept, and blanks. */
  text(): { text: string; keptLength: number } {
    const { starts, ends } = this.#outline;
    const parts: string[] = [];
    let keptLength = 0;
    let at = 0;
    for (let index = 0; index < starts.length; index += 1) {
      if (starts[index]! < at || this.#kept[index] !== blanked || this.#isInWhole(index)) continue;
      parts.push(this.#text.slice(at, starts[index]), ' '.repeat(ends[index]! - starts[index]!));
      keptLength += starts[index]! - at;
      at = ends[index]!;
    }
    keptLength += this.#text.length - at;
    return { text: parts.join('') + this.#text.slice(at), keptLength };
  }

  /** Keeps the function around a place. @returns the names of it, where it was not kept before, and of what is declared there. */
  #keepAt(place: number): Name[] {
    const { starts, ends, parents } = this.#outline;
    const innermost = this.#functionAt(place);
    const names = declaredAt(this.#text, place).map((text): Name => ({ text, scope: innermost }));
    if (innermost < 0 || this.#isInWhole(innermost) || this.#kept[innermost] !== blanked) return names;
    const sizeOf = (index: number) => ends[index]! - starts[index]!;
    let unit = innermost;
    while (parents[unit]! >= 0 && sizeOf(parents[unit]!) <= unitMax) unit = parents[unit]!;
    this.#kept[unit] = sizeOf(unit) <= unitMax ? whole : opened;
    for (let around = parents[unit]!; around >= 0; around = parents[around]!) this.#kept[around] ||= opened;
    const text = nameOfFunction(this.#text, this.#outline.headers[unit]!);
    return text === '' ? names : [...names, { text, scope: parents[unit]! }];
  }

  /** Keeps what mentions one of the names where it means that. @returns names of what was kept for it. */
  #keepMentions(names: readonly Name[]): Name[] {
    const { words, hashes } = this.#outline;
    const table = new NameTable(names);
    const members = new Map<string, number[]>();
    const found: Name[] = [];
    for (let index = 0; index < words.length; index += 1) {
      const hash = hashes[index]!;
      const candidates = table.find(hash);
      if (candidates.length === 0) continue;
      const place = words[index]!;
      if ((hash & memberMark) !== 0) this.#noteMember(candidates, place, members);
      else if (candidates.some((name) => this.#isMentioned(name, place))) found.push(...this.#keepAt(place));
    }
    for (const places of members.values()) {
      if (places.length <= memberCallsMax) for (const place of places) found.push(...this.#keepAt(place));
    }
    return found;
  }

  #noteMember(candidates: readonly Name[], place: number, members: Map<string, number[]>): void {
    const called = candidates.find(({ text }) => this.#text.startsWith(`${text}(`, place));
    if (!called) return;
    const places = members.get(called.text);
    if (places) places.push(place);
    else members.set(called.text, [place]);
  }

  #isMentioned({ text, scope }: Name, place: number): boolean {
    return this.#text.startsWith(text, place) && this.#isVisible(text, scope, place);
  }

  /** Whether a name of a function means at a place within it what it means there. */
  #isVisible(name: string, scope: number, place: number): boolean {
    const { starts, ends, parents, headers } = this.#outline;
    if (scope >= 0 && (place < starts[scope]! || place >= ends[scope]!)) return false;
    for (let around = this.#functionAt(place); around !== scope && around >= 0; around = parents[around]!) {
      if (hasParameter(this.#text.slice(headers[around], starts[around]), name)) return false;
    }
    return true;
  }

  /** Keeps the functions that are called in what is kept. */
  #keepCalled(): void {
    const { starts, parents, headers, words, hashes } = this.#outline;
    const functions = new Map<Name, number>();
    for (let index = 0; index < starts.length; index += 1) {
      if (this.#kept[index] !== blanked || this.#isInWhole(index)) continue;
      const text = nameOfFunction(this.#text, headers[index]!);
      if (text !== '') functions.set({ text, scope: parents[index]! }, index);
    }
    const table = new NameTable([...functions.keys()]);
    const called = new Set<number>();
    for (let index = 0; index < words.length; index += 1) {
      const candidates = table.find(hashes[index]!);
      if (candidates.length === 0) continue;
      const place = words[index]!;
      if (!this.#isKeptAt(place)) continue;
      for (const name of candidates) {
        const target = functions.get(name)!;
        if (called.has(target) || !this.#text.startsWith(`${name.text}(`, place)) continue;
        const isMember = (hashes[index]! & memberMark) !== 0;
        if (!isMember && this.#isVisible(name.text, name.scope, place)) called.add(target);
      }
    }
    for (const target of called) {
      this.#kept[target] = sizeIn(this.#outline, target) <= unitMax ? whole : opened;
      for (let around = parents[target]!; around >= 0; around = parents[around]!)
        this.#kept[around] ||= opened;
    }
  }

  /** Only what is within functions: the code outside is always kept, and calls nearly all of them. */
  #isKeptAt(place: number): boolean {
    const innermost = this.#functionAt(place);
    return innermost >= 0 && this.#isInWhole(innermost);
  }

  #isInWhole(index: number): boolean {
    const { parents } = this.#outline;
    for (let around = index; around >= 0; around = parents[around]!)
      if (this.#kept[around] === whole) return true;
    return false;
  }

  /** The innermost function around a place; -1 for none. */
  #functionAt(place: number): number {
    const { starts, ends, parents } = this.#outline;
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (starts[middle]! <= place) low = middle + 1;
      else high = middle;
    }
    let index = low - 1;
    while (index >= 0 && ends[index]! <= place) index = parents[index]!;
    return index;
  }
}

function sizeIn({ starts, ends }: Outline, index: number): number {
  return ends[index]! - starts[index]!;
}
