import { userInfo } from 'node:os';
import type { CreatedKey } from '@sluice/api';
import type { Command } from 'commander';
import { webAddress, wholeNumber } from '../arguments.ts';
import { withStack } from '../connect.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { outputCommand } from '../options.ts';
import { print, type OutputOptions } from '../output.ts';
import { renderCreated } from './keys.ts';

interface AdminKeyOptions extends OutputOptions {
  reason: string;
  days: number;
}

/** A key that is made past the API is for a beginning or an emergency. */
const daysMax = 30;

/** `sluice admin key` and `invite`: the first admin of an installation, and one when none is left. They need the database. */
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
  outputCommand(admin, 'invite')
    .requiredOption('--reason <text>', 'why')
    .option('--url <url>', 'the address by which people reach the API; PUBLIC_URL unless given', webAddress)
    .description('print an address that makes the person who signs in by it an admin: within an hour, once')
    .action(async (options: InviteOptions) => {
      const { databaseUrlOf } = await import('@sluice/runtime');
      const address = options.url ?? publicUrl(process.env);
      const invite = async (databaseUrl: string) =>
        print(options, await makeInvitation(databaseUrl, address, options.reason), renderInvitation);
      const databaseUrl = databaseUrlOf(process.env);
      await (databaseUrl !== null ? invite(databaseUrl) : withStack((info) => invite(info.databaseUrl)));
    });
}

interface InviteOptions extends OutputOptions {
  reason: string;
  url?: string;
}

/** @throws CommandError when there is none. */
function publicUrl({ PUBLIC_URL: address }: NodeJS.ProcessEnv): string {
  if (address && URL.canParse(address)) return address;
  throw new CommandError(
    exitCodes.usage,
    'The address by which people reach the API is not known.',
    'Name it with --url, or set PUBLIC_URL as for the gateway.',
  );
}

async function makeInvitation(databaseUrl: string, address: string, reason: string) {
  const { createInvitation } = await import('@sluice/gateway');
  const { token, expiresAt } = await createInvitation(databaseUrl, reason, `machine:${userInfo().username}`);
  // Behind the #, so that no log of a server or a proxy has it.
  const url = new URL('/setup', address);
  url.hash = token;
  return { url: url.href, expiresAt: expiresAt.toISOString() };
}

function renderInvitation({ url, expiresAt }: { url: string; expiresAt: string }): string {
  return `${url}\n\nThe person who signs in by it becomes an admin. It counts once, until ${expiresAt}.\n`;
}

async function makeKey(databaseUrl: string, name: string, options: AdminKeyOptions): Promise<CreatedKey> {
  // No other command needs the gateway's code.
  const { createAdminKey } = await import('@sluice/gateway');
  const { reason, days } = options;
  return createAdminKey(databaseUrl, { name, reason, days }, `machine:${userInfo().username}`);
}
