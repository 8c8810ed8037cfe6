import { z } from 'zod';
import { natsConfig, type NatsConfig } from './config-fields.ts';
import { loadConfig } from './load-config.ts';

/** How to come to a NATS that runs elsewhere, as the services read it. */
export function natsConfigOf(env: Readonly<Record<string, string | undefined>>): NatsConfig {
  return loadConfig(z.object(natsConfig), env);
}
