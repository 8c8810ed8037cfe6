import { printable } from '@sluice/contracts';
import { readSourceFacts, type SourceFacts } from './source-facts.ts';
import { readSignals } from './read-signals.ts';
import type { Signal, SignalKind } from './signal.ts';

/** `script` stands for Python, Perl, Ruby and PHP, which are read by their words. */
export type SourceLanguage = 'javascript' | 'shell' | 'script' | 'other';

/** Characters around an excerpt's position that are shown. */
const excerptBefore = 40;
export const excerptLengthMax = 200;
/** Up to this size a file is one thing, and everything in it belongs together. */
const smallFileMax = 24_000;
/** Two things further apart than this in a longer one have nothing to do with each other, unless a value goes from one to the other. */
const chainDistanceMax = 6_000;

const loader =
  /^(?:require|import|require\.resolve|(?:worker_threads\.)?Worker|child_process\.\w+|cross-spawn(?:\.\w+)*|execa(?:\.\w+)*|fs\.(?:copyFile|copyFileSync|cp|cpSync))$/;
const folded = /^\.{1,2}\/[\w@./-]{1,200}$/;

/** A file of code, or a piece of one that is too large to be read at once. */
export class SourceFile {
  readonly path: string;
  readonly language: SourceLanguage;
  readonly text: string;
  /** Null for other languages, for text that cannot be parsed, and for files that are read by their text only. */
  readonly facts: SourceFacts | null;
  readonly signals: Signal[];
  readonly #firstLine: number;
  /** Where signals of a kind start; rules ask for each of many calls. */
  readonly #starts = new Map<SignalKind, Set<number>>();
  #lineStarts: number[] | null = null;

  constructor(
    path: string,
    language: SourceLanguage,
    text: string,
    options: { firstLine?: number; isPiece?: boolean; isGuess?: boolean; isTextOnly?: boolean } = {},
  ) {
    this.path = path;
    this.language = language;
    this.text = text;
    this.#firstLine = options.firstLine ?? 1;
    const isParsed = language === 'javascript' && !options.isPiece && !options.isTextOnly;
    this.facts = isParsed ? readSourceFacts(text, options.isGuess === true) : null;
    this.signals = readSignals(this);
  }

  /** Files of the package that its code loads or starts, by paths that it puts together: `join(__dirname, 'test', 'x.js')`. */
  get loads(): string[] {
    const loading = (this.facts?.calls ?? []).filter(({ name }) => loader.test(name));
    return loading.flatMap((call) =>
      call.words().flatMap((word) => (word && folded.test(word.text) ? [word.text] : [])),
    );
  }

  has(...kinds: SignalKind[]): boolean {
    return this.signals.some((signal) => kinds.includes(signal.kind));
  }

  all(...kinds: SignalKind[]): Signal[] {
    return this.signals.filter((signal) => kinds.includes(signal.kind));
  }

  /** Whether a signal of this kind starts here. */
  startsAt(kind: SignalKind, start: number): boolean {
    let starts = this.#starts.get(kind);
    if (!starts) {
      starts = new Set(this.all(kind).map((signal) => signal.start));
      this.#starts.set(kind, starts);
    }
    return starts.has(start);
  }

  /** The first signal of `kinds` that has one of `others` close enough to belong to it. */
  chain(kinds: SignalKind[], others: SignalKind[]): Signal | undefined {
    const partners = this.all(...others);
    const distance = this.text.length <= smallFileMax ? Infinity : chainDistanceMax;
    return this.all(...kinds).find((signal) =>
      partners.some((partner) => partner !== signal && Math.abs(partner.start - signal.start) <= distance),
    );
  }

  /** Line of a position, from 1. */
  lineAt(start: number): number {
    const starts = (this.#lineStarts ??= lineStarts(this.text));
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (starts[middle]! <= start) low = middle + 1;
      else high = middle;
    }
    return this.#firstLine + low - 1;
  }

  /** The text at a position, safe to show. */
  excerptAt(start: number): string {
    const lineStart = this.text.lastIndexOf('\n', start - 1) + 1;
    const from = Math.max(lineStart, start - excerptBefore);
    return printable(this.text.slice(from, from + excerptLengthMax).trim(), excerptLengthMax);
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
