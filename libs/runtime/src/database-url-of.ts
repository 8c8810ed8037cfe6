import { z } from 'zod';
import { postgresConfig } from './config-fields.ts';
import { loadConfig } from './load-config.ts';

/** The address of a Postgres that runs elsewhere, as the services read it; null when none is named. */
export function databaseUrlOf(env: Readonly<Record<string, string | undefined>>): string | null {
  return (
    loadConfig(z.object({ DATABASE_URL: postgresConfig.DATABASE_URL.optional() }), env).DATABASE_URL ?? null
  );
}
