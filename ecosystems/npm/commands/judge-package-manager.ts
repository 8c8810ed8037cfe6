import type { Judge } from './judge.ts';
import { packageTools } from './known-programs.ts';

export const packageManagers = new Set([
  'npm',
  'yarn',
  'pnpm',
  'npx',
  'pnpx',
  'bunx',
  'run-s',
  'run-p',
  'npm-run-all',
]);

/** Words behind which a package manager runs a script of that name. */
const runners = new Set(['run', 'run-script', 'rum', 'urn']);
/** Scripts that npm runs by their name alone. */
const ownScripts = new Set(['test', 'start', 'stop', 'restart', 't', 'tst']);
const executors = new Set(['exec', 'x', 'dlx', 'node']);
/** Commands that print, and change nothing. */
const harmless = new Set([
  'config',
  'bin',
  'prefix',
  'root',
  'version',
  '--version',
  '-v',
  'ls',
  'list',
  'help',
  'fund',
]);

/** `npm run x` and its like lead to scripts of the manifest, `npx x` to a program. */
export function judgePackageManager(
  judge: Judge,
  name: string,
  args: string[],
  folder: string,
  depth: number,
): void {
  const elsewhere = args.find((word) => /^(?:--prefix|-C|--cwd|--dir|-w|--workspace)\b/.test(word));
  if (elsewhere !== undefined) return judge.verdict.note(`Runs ${name} with ${elsewhere}`);
  const plain = args.filter((word) => !word.startsWith('-'));
  if (/^(?:run-s|run-p|npm-run-all)$/.test(name)) return runScripts(judge, plain, depth);
  if (name === 'npx' || name === 'pnpx' || name === 'bunx') return execute(judge, plain, folder);
  const [command = 'install', ...rest] = plain;
  if (runners.has(command)) return runScripts(judge, rest.slice(0, 1), depth);
  if (executors.has(command)) return execute(judge, rest, folder);
  if (ownScripts.has(command)) return runScripts(judge, [command.startsWith('t') ? 'test' : command], depth);
  if (harmless.has(command)) return;
  // yarn and pnpm run scripts and programs by their name alone.
  if (name !== 'npm' && judge.context.scriptOf(command).length > 0)
    return runScripts(judge, [command], depth);
  if (name !== 'npm' && packageTools.has(command)) return;
  judge.verdict.note(`Runs ${name} ${[command, ...rest].slice(0, 3).join(' ')}`);
}

function runScripts(judge: Judge, names: string[], depth: number): void {
  for (const name of names) {
    const lines = judge.context.scriptOf(name);
    if (lines.length === 0) judge.verdict.note(`Runs the script ${name}, which package.json does not have`);
    for (const line of lines) judge.shell(line, '', depth + 1);
  }
}

/** A program of the package itself or a known one; any other comes from the registry or an address, unseen. */
function execute(judge: Judge, [program, ...args]: string[], folder: string): void {
  if (program === undefined) return judge.verdict.note('Runs a package without a name');
  const own = judge.context.binOf(program);
  if (own !== null) judge.run(own, '');
  else if (program === 'node' || packageTools.has(program)) judge.program([program, ...args], folder, 1);
  else judge.verdict.note(`Fetches and runs ${program}`);
}
