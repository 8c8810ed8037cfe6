import { errorCodes, isCoded } from '@sluice/contracts';
import { CommanderError } from 'commander';
import { CommandError, exitCodes } from './exit-codes.ts';
import { createProgram } from './program.ts';
import { plainUsageError } from './usage-errors.ts';

/**
 * Runs a command; every error ends in one clear line, the remedy where there is one, and its exit code. With `--json`
 * it is also the one object on stdout: `{ error: { code, message, remedy } }`.
 * @param argv the words behind `sluice`.
 */
export async function runCommand(argv: string[]): Promise<number> {
  const isJson = argv.includes('--json');
  try {
    await createProgram().parseAsync(argv, { from: 'user' });
    return Number(process.exitCode ?? exitCodes.ok);
  } catch (error) {
    const failure = asCommandError(error);
    if (failure.exitCode === exitCodes.ok) return exitCodes.ok;
    const { message, remedy = null, code = 'command.failed' } = failure;
    // Commander prints its own errors.
    if (!(error instanceof CommanderError)) {
      const shownCode = failure.code ? ` (${failure.code})` : '';
      process.stderr.write(`sluice: ${message}${shownCode}\n${remedy ? `        ${remedy}\n` : ''}`);
    }
    if (isJson) process.stdout.write(`${JSON.stringify({ error: { code, message, remedy } }, null, 2)}\n`);
    return failure.exitCode;
  }
}

function asCommandError(error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  if (error instanceof CommanderError) {
    const exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    const message = plainUsageError(error.message).replace(/^sluice: /, '');
    return new CommandError(exitCode, message, 'See --help.', { code: 'command.wrong' });
  }
  const message = error instanceof Error ? error.message : String(error);
  if (isCoded(error)) {
    const { status, remedy } = errorCodes[error.code];
    const exitCode = status >= 500 ? exitCodes.server : exitCodes.usage;
    return new CommandError(exitCode, message, remedy, { code: error.code });
  }
  if (process.env['SLUICE_DEBUG']) process.stderr.write(`${(error as Error).stack ?? message}\n`);
  return new CommandError(
    exitCodes.server,
    `Something went wrong inside of the command: ${message}`,
    'Set SLUICE_DEBUG=1 to see where, and report it.',
    { code: 'command.failed' },
  );
}
