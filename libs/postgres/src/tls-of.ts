import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { PermanentError } from '@sluice/contracts';

/** `require` encrypts without knowing the server; `verify-ca` also asks for a known authority, `verify-full` for the name. */
const modes = ['disable', 'require', 'verify-ca', 'verify-full'] as const;
type Mode = (typeof modes)[number];

/** Files that an address may name: authorities, and the client's own certificate with its key. */
const files = { sslrootcert: 'ca', sslcert: 'cert', sslkey: 'key' } as const;

/**
 * How an address of Postgres asks for TLS, in the words of libpq: `sslmode`, `sslrootcert`, `sslcert` and `sslkey`, the last
 * three names of PEM files. Source: PostgreSQL 18, "34.1.2 Parameter Key Words".
 * @returns the address without them, and the options of the connection; none without `sslmode`.
 * @throws PermanentError `config.invalid` for a mode that falls back to none, and for a file that cannot be read.
 */
export function tlsOf(url: string): { url: string; ssl?: ConnectionOptions } {
  // Cut by hand: an address of several hosts is none for `URL`.
  const [base = '', query = ''] = url.split('?', 2);
  const parameters = new URLSearchParams(query);
  const mode = parameters.get('sslmode') as Mode | null;
  if (mode === null && Object.keys(files).every((name) => !parameters.has(name))) return { url };
  if (mode === null || !modes.includes(mode))
    throw new PermanentError('config.invalid', `DATABASE_URL: sslmode must be one of ${modes.join(', ')}.`);
  const given: ConnectionOptions = {};
  for (const [name, option] of Object.entries(files)) {
    const file = parameters.get(name);
    parameters.delete(name);
    if (file !== null) given[option] = readPem(name, file);
  }
  parameters.delete('sslmode');
  const plain = parameters.size > 0 ? `${base}?${parameters.toString()}` : base;
  if (mode === 'disable') return { url: plain };
  const isVerified = mode !== 'require' || given.ca !== undefined;
  const names = mode === 'verify-full' ? nameToVerify(base) : { checkServerIdentity: () => undefined };
  return { url: plain, ssl: { ...given, rejectUnauthorized: isVerified, ...names } };
}

/** Of several hosts the driver says which one it connects to; it does not for an IP address. */
function nameToVerify(base: string): ConnectionOptions {
  if (!URL.canParse(base)) return {};
  const host = new URL(base).hostname.replace(/^\[|\]$/g, '');
  return isIP(host) ? { host } : { servername: host };
}

function readPem(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'error';
    throw new PermanentError('config.invalid', `DATABASE_URL: ${name} cannot be read (${code}).`, { cause });
  }
}
