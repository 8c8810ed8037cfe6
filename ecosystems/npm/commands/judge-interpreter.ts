import type { Judge } from './judge.ts';
import { interpreterName, interpreters, programName } from './known-programs.ts';
import { filesOfPrintingCode } from './printing-code.ts';

const nodeCode = /^(?:-e|-p|-pe|-ep|--eval|--print|eval)(?:=|$)/;
const nodePreload = /^(?:-r|--require|--import|--loader|--experimental-loader|--preload)(?:=|$)/;
/** Options of Node that take the next word as their value. */
const nodeValue = /^(?:-C|--conditions|--env-file|--input-type|--title|--inspect-port)$/;

/** Node and programs with its command line: options, then a file of the package or a folder. */
export function judgeNode(
  judge: Judge,
  name: string,
  args: string[],
  folder: string,
  depth: number,
  isPiped: boolean,
): void {
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at]!;
    const stated = /^--?[\w-]+=/.test(word) ? word.slice(word.indexOf('=') + 1) : null;
    const value = () => stated ?? args[(at += 1)] ?? '';
    if (nodeCode.test(word)) {
      // `-p -e code` is `-pe code`.
      const code = value();
      return nodeCode.test(code)
        ? judgeNodeCode(judge, args[at + 1] ?? '', folder)
        : judgeNodeCode(judge, code, folder);
    }
    if (nodePreload.test(word)) {
      const file = value();
      if (/^(?:data|https?):/.test(file)) judge.verdict.note(`Loads ${file.slice(0, 40)}`);
      else judge.run(file, folder);
    } else if (word === '--run' && !judge.context.isOutputRead) {
      for (const line of judge.context.scriptOf(value())) judge.shell(line, '', depth + 1);
      return;
    } else if (nodeValue.test(word)) at += 1;
    else if (/^(?:bun|deno)$/.test(name) && /^(?:run|x)$/.test(word)) continue;
    else if (word === '-' || !word.startsWith('-')) {
      if (word === '-') break;
      return judge.run(word, folder);
    }
  }
  judge.verdict.note(isPiped ? `Runs its input as code with ${name}` : `Runs ${name} without a file`);
}

/** Code is understood where it does nothing but print and load local files; what else it does is in its text. */
function judgeNodeCode(judge: Judge, code: string, folder: string): void {
  const { isOutputRead } = judge.context;
  const files =
    /[<>^]@?\([-\w.]+\)/.test(code) && isOutputRead ? null : filesOfPrintingCode(code, isOutputRead);
  if (!isOutputRead) judge.verdict.code.push({ language: 'javascript', text: code });
  if (files === null) judge.verdict.note('Runs code with node');
  else for (const file of files) judge.run(file, folder);
}

/** `sh file`, `bash -c "line"`. */
export function judgeShellProgram(
  judge: Judge,
  name: string,
  args: string[],
  folder: string,
  depth: number,
  isPiped: boolean,
): void {
  const code = args.findIndex((word) => /^-[a-z]*c$/.test(word));
  if (code >= 0 && !judge.context.isOutputRead) return judge.shell(args[code + 1] ?? '', folder, depth + 1);
  const file = args.find((word) => !word.startsWith('-'));
  if (code < 0 && file !== undefined) judge.run(file, folder);
  else judge.verdict.note(isPiped ? `Runs its input with ${name}` : `Runs code with ${name}`);
}

/** Python, Perl, Ruby, PHP: the code in the command is not understood, a file of the package is. */
export function judgeInterpreter(
  judge: Judge,
  program: string,
  args: string[],
  folder: string,
  isPiped: boolean,
): void {
  const option = interpreters.get(interpreterName(program))!;
  const name = programName(program);
  const code = args.findIndex((word) => option.test(word));
  if (code >= 0) {
    if (!judge.context.isOutputRead)
      judge.verdict.code.push({ language: 'script', text: args[code + 1] ?? '' });
    return judge.verdict.note(`Runs code with ${name}`);
  }
  const [first] = args.filter((word) => !/^-[a-zA-Z]$/.test(word) || word === '-m');
  if (first === undefined || first === '-')
    return judge.verdict.note(isPiped ? `Runs its input as code with ${name}` : `Runs ${name}`);
  if (first.startsWith('-')) judge.verdict.note(`Runs ${name} ${args.slice(0, 2).join(' ')}`);
  else judge.run(first, folder);
}

/** PowerShell: a file of the package is looked at, everything else is code. */
export function judgePowershell(judge: Judge, args: string[], folder: string): void {
  const file = args.findIndex((word) => /^-f(?:ile)?$/i.test(word));
  if (file >= 0 && args[file + 1] !== undefined) return judge.run(args[file + 1]!, folder);
  const code = args.filter((word) => !word.startsWith('-')).join(' ');
  judge.verdict.code.push({ language: 'shell', text: code });
  judge.verdict.note('Runs code with powershell');
}
