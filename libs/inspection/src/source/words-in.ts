import { capabilityWords, type CapabilityWords } from './capability-words.ts';
import { QuickPattern } from './quick-pattern.ts';
import { traceWords } from './trace-words.ts';

/** A kind of words that rules over the syntax tree start from. */
export type WordKind = keyof typeof capabilityWords | keyof typeof traceWords;

/** A member of any other object that has the name of a global is something else. */
const globalObject = String.raw`\b(?:globalThis|global|window|self)`;

const patternsOf = new Map<string, QuickPattern[]>([
  ...Object.entries(capabilityWords).map(([kind, words]) => [kind, usesOf(words)] as const),
  ...Object.entries(traceWords).map(
    ([kind, patterns]) => [kind, patterns.map((pattern) => new QuickPattern(pattern))] as const,
  ),
]);

/** The kinds of words that a text has; each is looked for when it is asked for. */
export class WordsIn {
  readonly text: string;
  readonly #known = new Map<WordKind, boolean>();

  constructor(text: string) {
    this.text = text;
  }

  has(kind: WordKind): boolean {
    let known = this.#known.get(kind);
    if (known === undefined) {
      known = patternsOf.get(kind)!.some((pattern) => pattern.test(this.text));
      this.#known.set(kind, known);
    }
    return known;
  }

  /** Whether it has all kinds of one of these sets. */
  hasOneOf(sets: readonly (readonly WordKind[])[]): boolean {
    return sets.some((kinds) => kinds.every((kind) => this.has(kind)));
  }
}

/** Patterns of words where they can be code: a name that is called or handed on, a module that is asked for. */
export function usesOf({ modules, globals, members, patterns }: CapabilityWords): QuickPattern[] {
  const called = (name: string) =>
    String.raw`${name}(?<![\w$'"\`-]${name})(?<!(?<!${globalObject}\??)\.${name})\s*(?:[(;,)\]}\`]|\?\.|\.(?:call|apply|bind|prototype)\b)`;
  const word = (name: string, pattern: string) => new QuickPattern(new RegExp(pattern), [name.toLowerCase()]);
  return [
    ...modules.map((name) => new QuickPattern(quotedModule(name), spellingsOf(name))),
    ...globals.map((name) => word(name, called(name))),
    ...members.map((name) => word(name, String.raw`\b${name}\b`)),
    ...patterns.map((pattern) => new QuickPattern(new RegExp(pattern))),
  ];
}

function quotedModule(name: string): RegExp {
  return new RegExp(String.raw`['"\`](?:node:)?${name.replaceAll('.', String.raw`\.`)}['"\`/](?!\s*:)`);
}

/** The texts of which one is in each match of `quotedModule`. */
function spellingsOf(name: string): string[] {
  const starts = [`'`, `"`, '`', ':'];
  return starts.flatMap((start) => [`'`, `"`, '`', '/'].map((end) => start + name.toLowerCase() + end));
}
