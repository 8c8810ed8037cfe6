import { spawnSync } from 'node:child_process';

/** How long a Python program of a test may run; importing a tool takes a second or two on a busy machine. */
const pythonMs = 60_000;

/**
 * Runs a program with python3 and gives it JSON.
 * @returns the JSON that it prints; null where there is no python3, or it has not the modules that are imported.
 * @throws Error for any other failure.
 */
export function askPython(program: string, input: unknown): unknown {
  const { status, stdout, stderr, error } = spawnSync('python3', ['-c', program], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    timeout: pythonMs,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error && (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
  if (/ModuleNotFoundError/.test(stderr)) return null;
  if (status !== 0) throw new Error(`python3 ended with ${status}: ${stderr.slice(-2_000)}`);
  return JSON.parse(stdout);
}
