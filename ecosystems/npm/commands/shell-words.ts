/** One program with its arguments, as a shell would start it. */
export interface SimpleCommand {
  /** Names of the variables that are set in front of the program, `PKG_CONFIG_PATH`. */
  variables: string[];
  /** Quotes are gone; `$` stands for the output of a command within a word. */
  words: string[];
  redirections: Redirection[];
  /** Its input is the output of the command before it. */
  isPiped: boolean;
  /** Its output is a part of another command, which follows in the list. */
  isSubstituted: boolean;
}

export interface Redirection {
  /** `>`, `>>`, `<`, `>&`, … */
  operator: string;
  target: string;
}

const keywords = new Set('if then else elif fi ! { } do done while until @'.split(' '));
const redirectionStart = /^(?:[\d&])?(?:>>|>\||>&|<&|<<<|<<-?|>|<)/;
/** Commands within commands; real ones have two levels. */
const depthMax = 16;

/**
 * Splits a command line into the programs that it starts, in the order of the line. Commands whose output is a part of
 * another one stand in front of it. gyp's variables stay in the words as they are.
 * @returns null for what no shell would run either: open quotes and brackets, and nesting beyond all use.
 */
export function splitCommands(line: string, depth = 0): SimpleCommand[] | null {
  if (depth > depthMax) return null;
  const splitter = new Splitter(line, depth);
  return splitter.split() ? splitter.commands : null;
}

class Splitter {
  readonly commands: SimpleCommand[] = [];
  readonly #line: string;
  readonly #depth: number;
  #at = 0;
  #word: string | null = null;
  #words: string[] = [];
  #redirections: Redirection[] = [];
  /** A redirection whose target is the next word. */
  #operator: string | null = null;
  #isPiped = false;

  constructor(line: string, depth: number) {
    this.#line = line;
    this.#depth = depth;
  }

  split(): boolean {
    while (this.#at < this.#line.length) if (!this.#step()) return false;
    this.#endCommand(false);
    return true;
  }

  #step(): boolean {
    const rest = this.#line.slice(this.#at, this.#at + 64);
    const gypVariable = /^[<>^]@?\([-\w.]+\)/.exec(rest)?.[0];
    if (gypVariable !== undefined) return this.#take(gypVariable, gypVariable.length);
    if (/^(?:\$\(|`|[<>]\()/.test(rest)) return this.#substitute();
    const operator = this.#word === null || !/^[\d&]/.test(rest) ? redirectionStart.exec(rest)?.[0] : null;
    if (operator) {
      this.#endWord();
      this.#operator = operator.replace(/^[\d&]/, '');
      this.#at += operator.length;
    } else if (rest[0] === '"' || rest[0] === "'") return this.#quoted(rest[0]);
    else if (rest[0] === '\\') return this.#take(rest[1] === '\n' ? '' : (rest[1] ?? ''), 2);
    else if (/^[;&|\n()]/.test(rest)) {
      this.#endCommand(/^\|(?!\|)/.test(rest));
      this.#at += rest.startsWith('||') || rest.startsWith('&&') || rest.startsWith('|&') ? 2 : 1;
    } else if (/^\s/.test(rest)) {
      this.#endWord();
      this.#at += 1;
    } else return this.#take(rest[0]!, 1);
    return true;
  }

  #take(text: string, length: number): true {
    this.#word = (this.#word ?? '') + text;
    this.#at += length;
    return true;
  }

  #endWord(): void {
    if (this.#word === null) return;
    if (this.#operator !== null) {
      this.#redirections.push({ operator: this.#operator, target: this.#word });
      this.#operator = null;
    } else this.#words.push(this.#word);
    this.#word = null;
  }

  #endCommand(pipesOn: boolean): void {
    this.#endWord();
    const words = this.#words;
    while (keywords.has(words[0] ?? '')) words.shift();
    const count = words.findIndex((part) => !/^[A-Za-z_]\w*=/.test(part));
    const variables = words.splice(0, count < 0 ? words.length : count);
    if (words.length + variables.length + this.#redirections.length > 0) {
      const names = variables.map((assignment) => assignment.slice(0, assignment.indexOf('=')));
      const redirections = this.#redirections;
      this.commands.push({
        variables: names,
        words,
        redirections,
        isPiped: this.#isPiped,
        isSubstituted: false,
      });
    }
    [this.#words, this.#redirections, this.#operator, this.#isPiped] = [[], [], null, pipesOn];
  }

  /** A command whose output, or a file with it, becomes a part of the word. */
  #substitute(): boolean {
    const found = substitutionAt(this.#line, this.#at);
    if (found === null || !this.#join(found.text)) return false;
    return this.#take('$', found.length);
  }

  #join(text: string): boolean {
    const inner = splitCommands(text, this.#depth + 1);
    this.commands.push(...(inner ?? []).map((command) => ({ ...command, isSubstituted: true })));
    return inner !== null;
  }

  /** Text in quotes. Within double ones substitutions still run; their programs join the others. */
  #quoted(quote: string): boolean {
    const line = this.#line;
    this.#take('', 1);
    while (this.#at < line.length) {
      const character = line[this.#at]!;
      if (character === quote) return this.#take('', 1);
      const isOpen = quote === '"';
      if (isOpen && character === '\\' && /["\\$`]/.test(line[this.#at + 1] ?? '')) {
        this.#take(line[this.#at + 1]!, 2);
      } else if (isOpen && (character === '`' || line.startsWith('$(', this.#at))) {
        if (!this.#substitute()) return false;
      } else this.#take(character, 1);
    }
    return false;
  }
}

/** The text within the backticks or brackets that begin at a position, and the length of all of it. */
function substitutionAt(line: string, start: number): { text: string; length: number } | null {
  if (line[start] === '`') {
    const end = line.indexOf('`', start + 1);
    return end < 0 ? null : { text: line.slice(start + 1, end), length: end + 1 - start };
  }
  let depth = 0;
  for (let at = start + 1; at < line.length; at += 1) {
    if (line[at] === '(') depth += 1;
    else if (line[at] === ')' && (depth -= 1) === 0) {
      return { text: line.slice(start + 2, at), length: at + 1 - start };
    }
  }
  return null;
}
