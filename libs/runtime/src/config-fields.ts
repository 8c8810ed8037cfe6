import { z } from 'zod';

/** Field schemas for environment variables, which are always text. */

/** A whole number within bounds. */
export function integerField(min: number, max: number, fallback: number) {
  return z
    .string()
    .regex(/^-?\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min).max(max))
    .default(fallback);
}

/** `true`, `false`, `1`, `0`. */
export function booleanField(fallback: boolean) {
  return z
    .enum(['true', 'false', '1', '0'])
    .transform((text) => text === 'true' || text === '1')
    .default(fallback);
}

/** A comma-separated list; spaces around entries are dropped. */
export function listField(fallback: string[] = []) {
  return z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((entry) => entry.trim())
        .filter((entry) => entry !== ''),
    )
    .default(fallback);
}

/** A URL of one of the given schemes. */
export function urlField(...schemes: string[]) {
  return z.string().refine(
    (text) => {
      try {
        return schemes.includes(new URL(text).protocol.replace(':', ''));
      } catch {
        return false;
      }
    },
    { error: `must be a URL with scheme ${schemes.join(' or ')}` },
  );
}

/** Variables that every service reads. */
export const commonConfig = {
  /** Where NATS is; several servers with commas. */
  NATS_URL: z.string().default('nats://127.0.0.1:4222'),
  /** NATS credentials: a token, or user and password in the URL. */
  NATS_TOKEN: z.string().optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** Name of this instance in logs, attempts and worker lists; the host name and process id by default. */
  INSTANCE: z.string().optional(),
};

/** Variables of services with state. */
export const postgresConfig = {
  DATABASE_URL: urlField('postgres', 'postgresql'),
  /** Connections that this service may open at once. */
  DATABASE_POOL: integerField(1, 100, 6),
};

/** Variables of services that read or write the artifact store. */
export const artifactsConfig = {
  /** Folder of the artifact store. */
  ARTIFACTS_DIR: z.string(),
};
