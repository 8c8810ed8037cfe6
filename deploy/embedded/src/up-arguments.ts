import { parseArgs } from 'node:util';
import type { Env } from '@sluice/runtime';
import { SetupError } from '@sluice/servers';

export interface UpArguments {
  split: boolean;
  fresh: boolean;
  open: boolean;
  port?: number;
  gatePort?: number;
  host?: string;
  stateFolder?: string;
}

export const upHelp = `npm start -- [options]

Runs Sluice on this machine: nats-server, Postgres and all services. Ctrl-C stops it; the data is kept.

  --port <number>   port of the API; otherwise the one it had last, at first 8080, while that is free
  --gate-port <number>  port of the gate; in the same way, at first 8081
  --host <address>  address that both listen on; 127.0.0.1 otherwise
  --split           one process per service, restarted when one dies
  --fresh           remove the data of earlier runs first
  --open            ask for no key: whoever reaches the API may do everything
  --state <folder>  where data and logs are; .sluice otherwise

NATS_URL and DATABASE_URL name servers that run elsewhere, HTTP_ALLOWED_HOSTS the names by which other machines ask the
API; all other settings are in .env.example.`;

/**
 * Arguments of `up`; null when help was asked for. Port and address may also come as HTTP_PORT and HTTP_HOST.
 * @throws SetupError for an argument that is not known or has no sense.
 */
export function parseUpArguments(args: string[], env: Env = {}): UpArguments | null {
  const { values } = parse(args);
  if (values.help) return null;
  const port = values.port ?? (env['HTTP_PORT'] || undefined);
  const gatePort = values['gate-port'] ?? (env['GATE_PORT'] || undefined);
  const host = values.host ?? (env['HTTP_HOST'] || undefined);
  return {
    split: values.split ?? false,
    fresh: values.fresh ?? false,
    open: values.open ?? false,
    ...(port === undefined ? {} : { port: parsePort(port) }),
    ...(gatePort === undefined ? {} : { gatePort: parsePort(gatePort) }),
    ...(host === undefined ? {} : { host }),
    ...(values.state === undefined ? {} : { stateFolder: parseFolder(values.state) }),
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        split: { type: 'boolean' },
        fresh: { type: 'boolean' },
        open: { type: 'boolean' },
        port: { type: 'string' },
        'gate-port': { type: 'string' },
        host: { type: 'string' },
        state: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new SetupError((error as Error).message.split('. ')[0] ?? '', 'See `npm start -- --help`.', {
      cause: error,
    });
  }
}

function parseFolder(text: string): string {
  if (text.trim() !== '') return text;
  throw new SetupError('--state names no folder.', 'Give one that you may write, or leave --state out.');
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw new SetupError(
      `${text} is not a port.`,
      'Give a number from 1 to 65535, or leave --port and HTTP_PORT out.',
    );
  }
  return port;
}
