import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { askedDeviceSchema, deviceTokenSchema, endedSessionSchema, type DeviceToken } from '@sluice/api';
import type { Command } from 'commander';
import { ApiClient } from '../api-client.ts';
import { webAddress } from '../arguments.ts';
import { say } from '../connect.ts';
import { findCredential, keepCredential } from '../credentials.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { outputCommand } from '../options.ts';
import { print, type OutputOptions } from '../output.ts';
import { printable } from '../render/printable.ts';

interface LoginOptions extends OutputOptions {
  server: string;
}

/** RFC 8628, 3.5. */
const slowDownSeconds = 5;

/** `sluice login` and `sluice logout`: a person signs a command line in, and out again. */
export function loginCommands(program: Command): void {
  outputCommand(program, 'login')
    .requiredOption('--server <url>', 'the gateway', webAddress)
    .description('sign in at a gateway: a person approves it with a browser')
    .action(async (options: LoginOptions) => {
      const { token, name, expiresAt } = await signIn(options.server);
      await keepCredential(options.server, { token, name, expiresAt });
      print(options, { name, expiresAt }, () => `Signed in as ${printable(name)} until ${expiresAt}.\n`);
    });
  outputCommand(program, 'logout')
    .requiredOption('--server <url>', 'the gateway', webAddress)
    .description('sign out at a gateway, and forget the token')
    .action(async (options: LoginOptions) => {
      const found = await findCredential(options.server);
      if (found) await signOut(options.server, found.token);
      await keepCredential(options.server, null);
      print(options, { signedOut: found !== null }, () =>
        found ? 'Signed out.\n' : 'You were not signed in there.\n',
      );
    });
}

async function signIn(server: string): Promise<DeviceToken> {
  const api = new ApiClient(server, null);
  const asked = await api.post(askedDeviceSchema, '/v1/auth/device', { client: `sluice on ${hostname()}` });
  say(`Open ${asked.verificationUri} and type the code ${asked.userCode}`);
  say(`or open ${asked.verificationUriComplete}`);
  let seconds = asked.intervalSeconds;
  const end = Date.now() + asked.expiresInSeconds * 1_000;
  while (Date.now() < end) {
    await delay(seconds * 1_000);
    const token = await api
      .post(deviceTokenSchema, '/v1/auth/device/token', { deviceCode: asked.deviceCode })
      .catch((error: unknown) => {
        const code = error instanceof CommandError ? error.code : undefined;
        if (code === 'device.slow-down') seconds += slowDownSeconds;
        if (code === 'device.slow-down' || code === 'device.pending') return null;
        throw error;
      });
    if (token) return token;
  }
  throw new CommandError(exitCodes.usage, 'The code was not approved in time.', 'Run `sluice login` again.', {
    code: 'device.expired',
  });
}

/** One that has ended already is out. */
async function signOut(server: string, token: string): Promise<void> {
  await new ApiClient(server, token)
    .post(endedSessionSchema, '/v1/auth/sign-out', {})
    .catch((error: unknown) => {
      if (!(error instanceof CommandError) || error.code !== 'access.session-ended') throw error;
    });
}
