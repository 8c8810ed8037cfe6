import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { z } from '@sluice/api';
import { CommandError, exitCodes } from './exit-codes.ts';

/** By the origin of the gateway. */
const fileSchema = z.record(
  z.string(),
  z.object({ token: z.string(), name: z.string(), expiresAt: z.iso.datetime() }),
);
type Credentials = z.infer<typeof fileSchema>;
export type Credential = Credentials[string];

/**
 * The file with the tokens of `sluice login`, in the folder where the system has the settings of programs: XDG_CONFIG_HOME, APPDATA on
 * Windows, Library on macOS. Pure.
 */
export function credentialsFile(
  env: NodeJS.ProcessEnv,
  platform = process.platform,
  home = homedir(),
): string {
  const folders: Partial<Record<NodeJS.Platform, string | undefined>> = {
    win32: env['APPDATA'] ?? path.join(home, 'AppData', 'Roaming'),
    darwin: path.join(home, 'Library', 'Application Support'),
  };
  const folder = env['XDG_CONFIG_HOME'] || folders[platform] || path.join(home, '.config');
  return path.join(folder, 'sluice', 'credentials.json');
}

/** The token for a gateway; null for none, and for one that has expired. */
export async function findCredential(
  server: string,
  now = new Date(),
  file = credentialsFile(process.env),
): Promise<Credential | null> {
  const found = (await read(file))[originOf(server)];
  return found && new Date(found.expiresAt) > now ? found : null;
}

/** Keeps the token for a gateway, or forgets it, in a file that its owner alone can read. */
export async function keepCredential(
  server: string,
  credential: Credential | null,
  file = credentialsFile(process.env),
): Promise<void> {
  const { [originOf(server)]: _, ...others } = await read(file);
  const kept = credential ? { ...others, [originOf(server)]: credential } : others;
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  // A file that is there keeps its rights when it is written over: a new one takes its place.
  const written = `${file}.${process.pid}`;
  try {
    await writeFile(written, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    await rename(written, file);
  } finally {
    await rm(written, { force: true });
  }
}

async function read(file: string): Promise<Credentials> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw unreadable(file, error);
  }
  try {
    return fileSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function unreadable(file: string, cause: unknown): CommandError {
  return new CommandError(
    exitCodes.usage,
    `The file with your sign-ins, ${file}, cannot be read.`,
    'Let your user read it, or remove it and run `sluice login` again.',
    { cause },
  );
}

const originOf = (server: string) => new URL(server).origin;
