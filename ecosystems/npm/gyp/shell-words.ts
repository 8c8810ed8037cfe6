/** One program with its arguments, as a shell would start it. */
export interface SimpleCommand {
  /** Assignments in front of the program, `PKG_CONFIG_PATH`. */
  variables: string[];
  words: string[];
}

const keywords = new Set(['if', 'then', 'else', 'elif', 'fi', '!', '{', '}']);
/** Places that nothing can be learned from. */
const harmlessRedirection = /^\d?>>?\s*(?:\/dev\/null|&\d|nul)\b/i;

/**
 * Splits a command line into the programs that it starts, those of command substitutions included. gyp's variables
 * stay in the words as they are.
 * @returns null for anything that is not plain: other redirections, loops, functions, open quotes.
 */
export function splitCommands(line: string): SimpleCommand[] | null {
  const commands: SimpleCommand[] = [];
  let words: string[] = [];
  let word: string | null = null;
  const endWord = () => {
    if (word !== null) words.push(word);
    word = null;
  };
  const endCommand = () => {
    endWord();
    while (keywords.has(words[0] ?? '')) words.shift();
    const count = words.findIndex((part) => !/^[A-Za-z_]\w*=/.test(part));
    const variables = words.splice(0, count < 0 ? words.length : count);
    if (words.length > 0 || variables.length > 0) commands.push({ variables: variables.map(nameOf), words });
    words = [];
  };
  for (let at = 0; at < line.length;) {
    const rest = line.slice(at);
    const gypVariable = /^[<>^]@?\([-\w.]+\)/.exec(rest)?.[0];
    const redirection = harmlessRedirection.exec(rest)?.[0];
    if (gypVariable !== undefined) {
      word = (word ?? '') + gypVariable;
      at += gypVariable.length;
    } else if (redirection !== undefined) {
      endWord();
      at += redirection.length;
    } else if (rest.startsWith('$(') || rest.startsWith('`')) {
      const inner = substitutionAt(rest);
      const innerCommands = inner === null ? null : splitCommands(inner.text);
      if (inner === null || innerCommands === null) return null;
      commands.push(...innerCommands);
      word = `${word ?? ''}$`;
      at += inner.length;
    } else if (rest[0] === '"' || rest[0] === "'") {
      const quoted = readQuoted(rest, commands);
      if (quoted === null) return null;
      word = (word ?? '') + quoted.text;
      at += quoted.length;
    } else if (rest[0] === '\\') {
      word = (word ?? '') + (rest[1] ?? '');
      at += 2;
    } else if (/^[;&|\n]/.test(rest)) {
      endCommand();
      at += 1;
    } else if (/^[()<>]/.test(rest)) return null;
    else if (/^\s/.test(rest)) {
      endWord();
      at += 1;
    } else {
      word = (word ?? '') + rest[0]!;
      at += 1;
    }
  }
  endCommand();
  return commands;
}

/** Text in quotes. Within double ones substitutions still run; their programs join the others. */
function readQuoted(rest: string, commands: SimpleCommand[]): { text: string; length: number } | null {
  const quote = rest[0]!;
  let text = '';
  for (let at = 1; at < rest.length;) {
    const character = rest[at]!;
    if (character === quote) return { text, length: at + 1 };
    const tail = rest.slice(at);
    if (quote === '"' && character === '\\' && /^\\["\\$`]/.test(tail)) {
      text += rest[at + 1]!;
      at += 2;
    } else if (quote === '"' && (character === '`' || tail.startsWith('$('))) {
      const inner = substitutionAt(tail);
      const innerCommands = inner === null ? null : splitCommands(inner.text);
      if (inner === null || innerCommands === null) return null;
      commands.push(...innerCommands);
      text += '$';
      at += inner.length;
    } else {
      text += character;
      at += 1;
    }
  }
  return null;
}

function substitutionAt(rest: string): { text: string; length: number } | null {
  if (rest.startsWith('`')) {
    const end = rest.indexOf('`', 1);
    return end < 0 ? null : { text: rest.slice(1, end), length: end + 1 };
  }
  let depth = 0;
  for (let at = 1; at < rest.length; at += 1) {
    if (rest[at] === '(') depth += 1;
    else if (rest[at] === ')' && (depth -= 1) === 0) return { text: rest.slice(2, at), length: at + 1 };
  }
  return null;
}

function nameOf(assignment: string): string {
  return assignment.slice(0, assignment.indexOf('='));
}
