import path from 'node:path/posix';
import { filesOfPrintingCode } from './printing-code.ts';
import { splitCommands, type SimpleCommand } from './shell-words.ts';

/** A command that is understood has only local files run, which are looked at for themselves. */
export type CommandVerdict = { isUnderstood: true; files: string[] } | { isUnderstood: false; why: string };

/** Programs that print, with any arguments. */
const printing = new Set(
  'echo printf true false test [ cd pwd pkg-config pkgconf uname arch which cut tr head tail sort uniq wc grep egrep fgrep readelf c++filt sw_vers xcode-select xcrun getconf dirname basename ls realpath readlink'.split(
    ' ',
  ),
);
/** Programs of a build, which turn source files of the package into machine code. */
const compilers = new Set('ml ml64 armasm armasm64 nasm yasm as cc gcc clang cl ar ranlib'.split(' '));
/** `krb5-config`, `pg_config`: print the build options of a library. */
const configuration = /^[\w.+]+(?:[-_][\w.+]+)*[-_]config$/;
/** Programs that build steps place files with; only below the package and the build folder. */
const placing = new Set('cp copy mkdir touch ln install_name_tool strip lipo dsymutil'.split(' '));
const interpreters = /^(?:node(?:\.exe)?|python[23]?|perl|ruby|sh|bash)$/;
const script = /\.(?:sh|bat|cmd|js|py)$/i;
const plainVariables = /^(?:PKG_CONFIG\w*|LC_\w+|LANG)$/;
const gypVariable = /[<>^]@?\(/;
const buildFolder =
  /^[<>^]@?\((?:PRODUCT_DIR|SHARED_INTERMEDIATE_DIR|INTERMEDIATE_DIR|RULE_INPUT_PATH|module_path|module_name|_outputs|_inputs)\)/;
const lengthMax = 10_000;
/** The character that begins a command of gyp, or one by its number. */
const commandCharacter = /!|\\[xo0-9cduU]/;

/** Knowledge of the package that a judge needs. */
export interface CommandContext {
  /** The programs that a variable of the gyp files may stand for; none for an unknown one. */
  programsOf(variable: string): string[];
  /** Whether some file of the package has this name, or this extension. */
  hasFile(nameOrExtension: string): boolean;
}

/** Judges a text that gyp hands to a shell. */
export function judgeShell(text: string, context: CommandContext): CommandVerdict {
  if (text.length > lengthMax) return unclear('A command is too long');
  const commands = splitCommands(text);
  if (commands === null) return unclear('A command is not plain');
  const files: string[] = [];
  let folder = '';
  for (const command of commands) {
    const verdict = judgeSimple(command, folder, context);
    if (!verdict.isUnderstood) return verdict;
    files.push(...verdict.files);
    if (command.words[0] === 'cd') folder = command.words.at(-1)!;
  }
  return { isUnderstood: true, files };
}

/** Judges a program with its arguments. */
export function judgeProgram(words: string[], context: CommandContext): CommandVerdict {
  if (words.length === 0) return { isUnderstood: true, files: [] };
  return judgeSimple({ variables: [], words }, '', context);
}

function judgeSimple(
  { variables, words }: SimpleCommand,
  folder: string,
  context: CommandContext,
): CommandVerdict {
  const other = variables.find((name) => !plainVariables.test(name));
  if (other !== undefined) return unclear(`Sets ${other}`);
  if (variables.length > 0 && context.hasFile('.pc')) return unclear('Prints a file of the package');
  const [program = 'true', ...args] = words;
  const variable = /^[<>^]@?\(([-\w.]+)\)$/.exec(program)?.[1];
  if (variable !== undefined) {
    const programs = context.programsOf(variable);
    // One variable may stand for another; a chain is not followed.
    if (programs.length === 0 || programs.some((name) => gypVariable.test(name)))
      return unclear(`Runs ${program}`);
    const verdicts = programs.map((name) =>
      judgeSimple({ variables, words: [name, ...args] }, folder, context),
    );
    return verdicts.find(({ isUnderstood }) => !isUnderstood) ?? verdicts[0]!;
  }
  if (program === 'call') return judgeSimple({ variables, words: args }, folder, context);
  const quiet: CommandVerdict = { isUnderstood: true, files: [] };
  const local = (file: string): CommandVerdict => ({
    isUnderstood: true,
    files: [path.join(folder, plainPath(file))],
  });
  if (compilers.has(program)) return quiet;
  if (printing.has(program) || (configuration.test(program) && !program.includes('/'))) {
    return judgePrinting(args, context);
  }
  if (program === 'command') return args[0] === '-v' ? quiet : unclear('Runs a program through command');
  if (program === 'sed') return args.every(isPlainEdit) ? quiet : unclear('Runs a sed script');
  if (program === 'cmd' && /^\/c$/i.test(args[0] ?? '')) return judgeShell(args.slice(1).join(' '), context);
  if (placing.has(program)) return args.every(isBelow) ? quiet : unclear(`Places files with ${program}`);
  if (interpreters.test(program)) return judgeInterpreter(program, args, local);
  if (script.test(program) && isLocal(program)) return local(program);
  return unclear(`Runs ${program}`);
}

/** gyp runs commands in printed text, so no text of the package's choice may be printed. */
function judgePrinting(args: string[], context: CommandContext): CommandVerdict {
  if (args.some((word) => commandCharacter.test(word) || /[*?[]/.test(word)))
    return unclear('Prints parts of a command');
  return args.some((word) => context.hasFile(word))
    ? unclear('Prints a file of the package')
    : { isUnderstood: true, files: [] };
}

function judgeInterpreter(
  program: string,
  args: string[],
  local: (file: string) => CommandVerdict,
): CommandVerdict {
  const [first = '', second] = args;
  if (first !== '' && isLocal(first)) return local(first);
  const isCode = program.startsWith('node') && /^(?:-e|-p|-pe|--eval|--print)$/.test(first);
  // `-p -e code` is `-pe code`.
  const code = isCode && second === '-e' ? args[2] : second;
  const files = isCode && code !== undefined && !gypVariable.test(code) ? filesOfPrintingCode(code) : null;
  return files === null
    ? unclear(`Runs code with ${program}`)
    : { isUnderstood: true, files: files.flatMap((file) => filesIn(local(file))) };
}

function filesIn(verdict: CommandVerdict): string[] {
  return verdict.isUnderstood ? verdict.files : [];
}

/** `s/-I//g`, or an option. Other commands of sed run programs and write files. */
function isPlainEdit(word: string): boolean {
  if (commandCharacter.test(word)) return false;
  return (
    /^-[nEre]+$/.test(word) ||
    /^s([/|#,])(?:(?!\1)[^\n\\]|\\.)*\1(?:(?!\1)[^\n\\]|\\.)*\1[gpI\d]*$/.test(word)
  );
}

/** A path within the package, as it stands or one folder up: gyp files lie in folders of their own. */
function isLocal(word: string): boolean {
  return !/^[/~$\\-]|^[A-Za-z]:/.test(word) && !gypVariable.test(plainPath(word));
}

/** A path that cannot leave the package or the build folder. */
function isBelow(word: string): boolean {
  const rest = plainPath(word).replace(buildFolder, '.');
  return !rest.split('/').includes('..') && (rest.startsWith('-') || isLocal(rest));
}

/** Without the folder of the package itself. */
function plainPath(word: string): string {
  return word.replace(/^<\((?:module_root_dir|DEPTH)\)\//, '').replaceAll('\\', '/');
}

function unclear(why: string): CommandVerdict {
  return { isUnderstood: false, why };
}
