import { capabilityWords, type CapabilityWords } from './capability-words.ts';
import { QuickPattern } from './quick-pattern.ts';

/** In a file of this size everything belongs together, and a word in a comment may be worth a look. */
const smallMax = 16 * 1024;
/** Of the other kinds an attack needs two, such as the network and text that becomes code. */
const kindsMin = 2;

/** A member of any other object that has the name of a global is something else. */
const globalObject = String.raw`\b(?:globalThis|global|window|self)`;

const { programs, secrets, ...others } = capabilityWords;
/** What one file gives is handed to another. */
const handsOn = new QuickPattern(/\)\s*\(\s*require\s*\(\s*['"]\./);
/** A program that is started can be a whole attack, and a secret that one file reads can be sent by another. */
const enough = [...usesOf(programs), ...usesOf(secrets), handsOn];
const otherUses = Object.values(others).map(usesOf);
/** Mentions that are no use, for words that are rare enough to be looked into wherever they stand. */
const mentions = [
  ...Object.values(capabilityWords).flatMap(({ globals }) =>
    globals.map((name) => new RegExp(String.raw`\b${name}\b`)),
  ),
  /\b(?:execa|Function|got|needle|request|shelljs)\s*\(/,
  /process\b.{0,4}\benv/,
  /addEventListener/,
].map((pattern) => new QuickPattern(pattern));

/**
 * Whether it is worth the time to parse a JavaScript file; parsing is some fifty times slower than this question. Large
 * files have single words in their comments, their properties and their lists of words.
 */
export function mayMatter(text: string): boolean {
  const has = (patterns: readonly QuickPattern[]) => patterns.some((pattern) => pattern.test(text));
  if (has(enough)) return true;
  if (text.length <= smallMax) return otherUses.some(has) || has(mentions);
  return otherUses.filter(has).length >= kindsMin;
}

/** Patterns of words where they can be code: a name that is called or handed on, a module that is asked for. */
function usesOf({ modules, globals, members, patterns }: CapabilityWords): QuickPattern[] {
  const called = (name: string) =>
    String.raw`${name}(?<![\w$'"\`-]${name})(?<!(?<!${globalObject}\??)\.${name})\s*(?:[(;,)\]}\`]|\?\.|\.(?:call|apply|bind|prototype)\b)`;
  return [
    ...modules.map(
      (name) => String.raw`['"\`](?:node:)?${name.replaceAll('.', String.raw`\.`)}['"\`/](?!\s*:)`,
    ),
    ...globals.map(called),
    ...members.map((name) => String.raw`\b${name}\b`),
    ...patterns,
  ].map((pattern) => new QuickPattern(new RegExp(pattern)));
}
