import path from 'node:path/posix';
import { CommandVerdict } from './command-verdict.ts';
import { judgeInterpreter, judgeNode, judgePowershell, judgeShellProgram } from './judge-interpreter.ts';
import { judgePackageManager, packageManagers } from './judge-package-manager.ts';
import type { CommandContext, Judge } from './judge.ts';
import * as known from './known-programs.ts';
import { splitCommands, type SimpleCommand } from './shell-words.ts';

const script = /\.(?:sh|bat|cmd|[cm]?[jt]s|py|ps1|rb|pl|exe)$/i;
const plainVariables = /^(?:PKG_CONFIG\w*|LC_\w+|LANG)$/;
const gypVariable = /[<>^]@?\(/;
const buildFolder =
  /^[<>^]@?\((?:PRODUCT_DIR|SHARED_INTERMEDIATE_DIR|INTERMEDIATE_DIR|RULE_INPUT_PATH|module_path|module_name|_outputs|_inputs)\)/;
const lengthMax = 10_000;
/** The character that begins a command of gyp, or one by its number. */
const commandCharacter = /!|\\[xo0-9cduU]/;
/** Places that nothing is learned from, and other streams of the same program. */
const nowhere = /^(?:\/dev\/(?:null|stdout|stderr)|nul|&?[-\d])$/i;
/** Commands that lead to further ones: scripts of the manifest, shells within shells. */
const depthMax = 12;

/** Judges a text that is handed to a shell. */
export function judgeShell(line: string, context: CommandContext): CommandVerdict {
  const verdict = new CommandVerdict();
  new CommandJudge(context, verdict).shell(line, '', 0);
  return verdict;
}

/** Judges a program with its arguments. */
export function judgeProgram(words: string[], context: CommandContext): CommandVerdict {
  const verdict = new CommandVerdict();
  if (words.length > 0) new CommandJudge(context, verdict).program(words, '', 0);
  return verdict;
}

class CommandJudge implements Judge {
  readonly context: CommandContext;
  readonly verdict: CommandVerdict;

  constructor(context: CommandContext, verdict: CommandVerdict) {
    this.context = context;
    this.verdict = verdict;
  }

  /** @param folder in which the line runs, from that of the package. */
  shell(line: string, folder: string, depth: number): void {
    if (line.length > lengthMax) return this.verdict.note('A command is too long');
    if (depth > depthMax) return this.verdict.note('Commands lead to each other without end');
    const commands = splitCommands(line);
    if (commands === null) return this.verdict.note('A command is not plain');
    this.verdict.take(line, commands);
    let here = folder;
    for (const command of commands) {
      this.simple(command, here, depth);
      // A folder that is put together leads anywhere, and so do the names behind it.
      if (command.words[0] === 'cd') here = path.join(here, command.words.at(-1)!.replaceAll('\\', '/'));
    }
  }

  simple({ variables, words, redirections, isPiped }: SimpleCommand, folder: string, depth: number): void {
    const { context } = this;
    const { isOutputRead } = context;
    const other = variables.find((name) =>
      isOutputRead ? !plainVariables.test(name) : known.steering.test(name),
    );
    if (other !== undefined) return this.verdict.note(`Sets ${other}`);
    if (isOutputRead && variables.length > 0 && context.hasFile('.pc'))
      return this.verdict.note('Prints a file of the package');
    for (const { operator, target } of redirections) {
      if (nowhere.test(target) || (!isOutputRead && isBelow(target))) continue;
      this.verdict.note(operator.startsWith('<') ? `Reads ${target}` : `Writes to ${target}`);
    }
    if (words.length > 0) this.program(words, folder, depth, isPiped);
  }

  /** @param isPiped whether its input is another program's output. */
  program(words: string[], folder: string, depth: number, isPiped = false): void {
    const { verdict, context } = this;
    const [program = 'true', ...args] = words;
    const variable = /^[<>^]@?\(([-\w.]+)\)$/.exec(program)?.[1];
    if (variable !== undefined) return this.#variable(variable, words, folder, depth);
    const name = known.programName(program);
    const isPlain = !program.includes('/') && !program.includes('\\');
    if (isPlain && known.wrappers.has(name)) return this.#wrapped(name, args, folder, depth, isPiped);
    if (isPlain && known.compilers.has(name)) return;
    const isPrinting =
      known.printing.has(name) || known.configuration.test(name) || known.isQuestion(name, args);
    if (isPlain && isPrinting) return this.#printing(args);
    if (name === 'sed' && isPlain)
      return args.every(isPlainEdit) ? undefined : verdict.note('Runs a sed script');
    if (name === 'cmd' && /^\/[ck]$/i.test(args[0] ?? ''))
      return this.shell(args.slice(1).join(' ').replaceAll('\\', '/'), folder, depth + 1);
    if (isPlain && known.placing.has(name)) return this.#placing(name, args);
    if (known.nodes.has(name)) return judgeNode(this, name, args, folder, depth, isPiped);
    if (known.shells.has(name)) return judgeShellProgram(this, name, args, folder, depth, isPiped);
    if (/^(?:powershell|pwsh)$/.test(name)) return judgePowershell(this, args, folder);
    if (known.interpreters.has(known.interpreterName(program)))
      return judgeInterpreter(this, program, args, folder, isPiped);
    if (!context.isOutputRead && isPlain) {
      if (known.packageTools.has(name)) return;
      if (known.removing.has(name)) return this.#placing(name, args);
      if (name === 'eval') return this.shell(args.join(' '), folder, depth + 1);
      if (/^(?:\.|source)$/.test(program) && args[0] !== undefined) return this.run(args[0], folder);
      if (packageManagers.has(name)) return judgePackageManager(this, name, args, folder, depth);
    }
    if (isLocal(program) && (script.test(program) || (!isPlain && !context.isOutputRead)))
      return this.run(program, folder);
    verdict.note(`Runs ${program}`);
  }

  /** A name that is put together is not known. */
  run(file: string, folder: string): void {
    if (!isLocal(file) || /[$%`*]/.test(file)) this.verdict.note(`Runs ${file}`);
    else this.verdict.files.push(path.join(folder, plainPath(file)));
  }

  #variable(variable: string, words: string[], folder: string, depth: number): void {
    const programs = this.context.programsOf(variable);
    // One variable may stand for another; a chain is not followed.
    if (programs.length === 0 || programs.some((name) => gypVariable.test(name)))
      return this.verdict.note(`Runs ${words[0]}`);
    for (const name of programs) this.program([name, ...words.slice(1)], folder, depth + 1);
  }

  #wrapped(name: string, args: string[], folder: string, depth: number, isPiped: boolean): void {
    if (name === 'command' && args[0] === '-v') return;
    if (this.context.isOutputRead && name !== 'call')
      return this.verdict.note(`Runs a program through ${name}`);
    const count = args.findIndex((word) => !/^-|^\/[A-Za-z]+$|^[A-Za-z_]\w*=|^$/.test(word));
    const steering = args
      .slice(0, Math.max(0, count))
      .find((word) => known.steering.test(word.split('=')[0]!) && word.includes('='));
    if (steering !== undefined) this.verdict.note(`Sets ${steering}`);
    const rest = count < 0 ? [] : args.slice(count);
    if (rest.length === 0 || depth > depthMax) return;
    // cross-env-shell takes a whole line.
    if (rest.length === 1 && /\s/.test(rest[0]!)) this.shell(rest[0]!, folder, depth + 1);
    else this.program(rest, folder, depth + 1, isPiped);
  }

  /** gyp runs commands in printed text, so no text of the package's choice may be printed. */
  #printing(args: string[]): void {
    if (!this.context.isOutputRead) return;
    if (args.some((word) => commandCharacter.test(word) || /[*?[]/.test(word)))
      this.verdict.note('Prints parts of a command');
    else if (args.some((word) => this.context.hasFile(word)))
      this.verdict.note('Prints a file of the package');
  }

  #placing(name: string, args: string[]): void {
    const other = args.find((word) => !isBelow(word) && !/^\/[A-Za-z]$/.test(word));
    if (other !== undefined) this.verdict.note(`Places or removes files with ${name}: ${other}`);
  }
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
  return !/^[/~$%\\-]|^[A-Za-z]+:/.test(word) && !gypVariable.test(plainPath(word));
}

/** A path that cannot leave the package or the build folder. */
function isBelow(word: string): boolean {
  const rest = plainPath(word).replace(buildFolder, '.');
  return !rest.split('/').includes('..') && (rest.startsWith('-') || isLocal(rest)) && !/[$%`~]/.test(rest);
}

/** Without the folder of the package itself. */
function plainPath(word: string): string {
  return word.replace(/^<\((?:module_root_dir|DEPTH)\)\//, '').replaceAll('\\', '/');
}
