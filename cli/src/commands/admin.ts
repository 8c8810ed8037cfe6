import { userInfo } from 'node:os';
import type { CreatedKey } from '@sluice/api';
import type { Command } from 'commander';
import { wholeNumber } from '../arguments.ts';
import { withStack } from '../connect.ts';
import { outputCommand } from '../options.ts';
import { print, type OutputOptions } from '../output.ts';
import { renderCreated } from './keys.ts';

interface AdminKeyOptions extends OutputOptions {
  reason: string;
  days: number;
}

/** A key that is made past the API is for a beginning or an emergency. */
const daysMax = 30;

/** `sluice admin key`: the first key of an installation, and one when no admin is left. It needs the database. */
export function adminCommands(program: Command): void {
  const admin = program.command('admin').description('what only the machine of the installation may do');
  outputCommand(admin, 'key')
    .argument('<name>', 'the person who becomes admin')
    .requiredOption('--reason <text>', 'why')
    .option(
      '--days <number>',
      `how long it holds, ${daysMax} days at most`,
      (text: string) => wholeNumber(text, 1, daysMax),
      1,
    )
    .description('make an admin’s key in the database itself; DATABASE_URL names that of a deployment')
    .action(async (name: string, options: AdminKeyOptions) => {
      const { databaseUrlOf } = await import('@sluice/runtime');
      const databaseUrl = databaseUrlOf(process.env);
      const make = async (url: string) => print(options, await makeKey(url, name, options), renderCreated);
      await (databaseUrl !== null ? make(databaseUrl) : withStack((info) => make(info.databaseUrl)));
    });
}

async function makeKey(databaseUrl: string, name: string, options: AdminKeyOptions): Promise<CreatedKey> {
  // No other command needs the gateway's code.
  const { createAdminKey } = await import('@sluice/gateway');
  const { reason, days } = options;
  return createAdminKey(databaseUrl, { name, reason, days }, `machine:${userInfo().username}`);
}
