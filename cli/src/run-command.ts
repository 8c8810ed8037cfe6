import { CommanderError } from 'commander';
import { isCoded } from '@sluice/contracts';
import { CommandError, exitCodes } from './exit-codes.ts';
import { createProgram } from './program.ts';

/**
 * Runs a command; every error ends in one clear line, the remedy where there is one, and its exit code.
 * @param argv the words behind `sluice`.
 */
export async function runCommand(argv: string[]): Promise<number> {
  try {
    await createProgram().parseAsync(argv, { from: 'user' });
    return Number(process.exitCode ?? exitCodes.ok);
  } catch (error) {
    // Commander has said what was wrong, or shown the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    if (error instanceof CommandError) {
      process.stderr.write(`sluice: ${error.message}\n${error.remedy ? `        ${error.remedy}\n` : ''}`);
      return error.exitCode;
    }
    const message = isCoded(error)
      ? `${error.message} (${error.code})`
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
    process.stderr.write(`sluice: ${message}\n`);
    return exitCodes.server;
  }
}
