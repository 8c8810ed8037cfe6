import { isDictionary, parseGyp, type GypValue } from './parse-gyp.ts';

/** Commands that a gyp file has run, and other files that it takes in. */
export interface GypFacts {
  /** Texts for a shell, with gyp's own substitutions in them. */
  shell: string[];
  /** Programs with their arguments. */
  programs: string[][];
  /** Other gyp files, as written. */
  references: string[];
  /** By name of a variable, each value that it is given, as a list of words. */
  variables: Map<string, string[][]>;
  /** Parts that are code, or whose meaning is not known. */
  problems: string[];
}

/** The largest real ones have 100 kB. */
export const gypMaxBytes = 512 * 1024;
const factsMax = 500;

/** Settings that name another program as the compiler. */
const compiler = /^(?:CC|CXX|LD|LDPLUSPLUS|AR|LINK|NM|READELF)(?:\.\w+|_wrapper)*$|^make_global_settings$/;
/** Words of a condition: names, texts, numbers, comparisons, and functions that only compare. */
const condition =
  /^(?:\s|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\d+(?!\w)|[<>=!]=|[<>]|[()[\],%]|v(?=\()|\.(?:starts|ends)with(?=\()|(?:and|or|not|in)\b|[A-Za-z_]\w*\b(?!\s*\())+$/;
/**
 * Parts of commands. gyp expands the result of an expansion again, so that a variable, or a command's output, can
 * complete one: `<(a)!(…)` where `a` is `<`.
 */
export const commandPart = /!@?[-\w.]*\(|[<>^]!@?$/;
/** Make and the shell replace these in flags: `$(shell …)` and backticks run a program. */
const replacedLater = /`|\$\((?!\w+\))/;

export function isGypFile(path: string): boolean {
  return /\.gypi?$/i.test(path);
}

/** @param text null for a file of other bytes. */
export function readGypFacts(text: string | null, sizeBytes: number): GypFacts {
  const facts: GypFacts = { shell: [], programs: [], references: [], variables: new Map(), problems: [] };
  if (text === null) return { ...facts, problems: ['It is no text'] };
  if (sizeBytes > gypMaxBytes) return { ...facts, problems: ['It is too large to be read'] };
  try {
    walk(parseGyp(text), facts);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    facts.problems.push(error.message);
  }
  if (facts.shell.length + facts.programs.length > factsMax) facts.problems.push('It has too many commands');
  return {
    ...facts,
    shell: facts.shell.slice(0, factsMax),
    programs: facts.programs.slice(0, factsMax),
    references: facts.references.slice(0, factsMax),
  };
}

function walk(value: GypValue, facts: GypFacts): void {
  if (typeof value === 'string') readText(value, facts);
  else if (Array.isArray(value)) for (const item of value) walk(item, facts);
  else if (isDictionary(value)) {
    for (const [key, inner] of value.entries) {
      readText(key, facts);
      readEntry(key.replace(/[?+=!/%]+$/, ''), inner, facts);
      walk(inner, facts);
    }
  }
}

function readEntry(key: string, value: GypValue, facts: GypFacts): void {
  const texts = textsOf(value);
  if (key === 'action') facts.programs.push(texts);
  else if (key === 'includes' || key === 'dependencies') facts.references.push(...texts.map(withoutTarget));
  else if (key === 'conditions' || key === 'target_conditions') readConditions(value, facts);
  else if (/CommandLine$/i.test(key)) facts.shell.push(...texts);
  else if (compiler.test(key)) facts.problems.push(`It names another program for ${key}`);
  else if (key === 'variables' && isDictionary(value)) {
    for (const [name, inner] of value.entries) {
      const plain = name.replace(/[%?+=!/]+$/, '');
      facts.variables.set(plain, [...(facts.variables.get(plain) ?? []), textsOf(inner)]);
    }
  }
}

function readConditions(value: GypValue, facts: GypFacts): void {
  if (!Array.isArray(value)) return;
  for (const item of value) {
    for (const text of Array.isArray(item) ? item : []) {
      if (typeof text === 'string' && !condition.test(withoutSubstitutions(text))) {
        facts.problems.push(`A condition is code: ${text.slice(0, 80)}`);
      }
    }
  }
}

/** Commands of gyp's own: `<!(…)`, `<!@(…)`, `<|(…)` and the same with `>` and `^` for later phases. */
function readText(text: string, facts: GypFacts): void {
  for (const { mark, module, content } of substitutions(text)) {
    if (mark.includes('|')) facts.problems.push('It writes a file');
    else if (!mark.includes('!')) continue;
    else if (module !== '') facts.problems.push(`It runs the Python module ${module}`);
    else if (content.trimStart().startsWith('[')) readProgram(content, facts);
    else facts.shell.push(content);
  }
  const rest = withoutSubstitutions(text);
  if (commandPart.test(rest)) facts.problems.push(`A text is part of a command: ${text.slice(0, 80)}`);
  if (replacedLater.test(rest)) facts.problems.push(`A text runs a program: ${text.slice(0, 80)}`);
}

/** gyp evaluates a list here as a Python expression. */
function readProgram(content: string, facts: GypFacts): void {
  try {
    facts.programs.push(textsOf(parseGyp(content)));
  } catch {
    facts.problems.push(`A list is code: ${content.slice(0, 80)}`);
  }
}

interface Substitution {
  mark: string;
  module: string;
  content: string;
  start: number;
  end: number;
}

/** The outermost commands and variables in a text, and those within their content. */
function* substitutions(text: string, isNested = true): Generator<Substitution> {
  const begin = /([<>^](?:!@?|@|\|)?)([-\w.]*)\(/g;
  for (let match = begin.exec(text); match; match = begin.exec(text)) {
    const start = match.index;
    const from = begin.lastIndex;
    const end = endOfBrackets(text, from);
    const content = text.slice(from, end);
    yield { mark: match[1]!, module: match[2]!, content, start, end: Math.min(end + 1, text.length) };
    if (isNested && match[1]!.includes('!')) yield* substitutions(content);
    begin.lastIndex = end + 1;
  }
}

function endOfBrackets(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    else if (text[at] === ')' && (depth -= 1) === 0) return at;
  }
  return text.length;
}

/** Variables and commands of gyp stand for texts; a word takes their place. */
function withoutSubstitutions(text: string): string {
  let rest = '';
  let at = 0;
  for (const { start, end } of substitutions(text, false)) {
    rest += `${text.slice(at, start)}x`;
    at = end;
  }
  return rest + text.slice(at);
}

function textsOf(value: GypValue): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  return Array.isArray(value)
    ? value.flatMap((item) => (typeof item === 'object' ? [] : [String(item)]))
    : [];
}

/** `deps/a.gyp:target#host` is the file `deps/a.gyp`. */
function withoutTarget(reference: string): string {
  return /[<>^]/.test(reference) ? reference : reference.replace(/:[^:/]*$/, '');
}
