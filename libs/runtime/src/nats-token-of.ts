import { z } from 'zod';
import { commonConfig } from './config-fields.ts';
import { loadConfig } from './load-config.ts';

/** The token of a NATS that runs elsewhere, from NATS_TOKEN or NATS_TOKEN_FILE, as the services read it; null without one. */
export function natsTokenOf(env: Readonly<Record<string, string | undefined>>): string | null {
  return loadConfig(z.object({ NATS_TOKEN: commonConfig.NATS_TOKEN }), env).NATS_TOKEN ?? null;
}
