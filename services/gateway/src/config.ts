import { registryConfig } from '@sluice/ecosystems/settings';
import {
  artifactsConfig,
  commonConfig,
  integerField,
  isHostEntry,
  listField,
  postgresConfig,
} from '@sluice/runtime';
import { z } from 'zod';

export const gatewayConfig = z.object({
  ...commonConfig,
  ...postgresConfig,
  ...artifactsConfig,
  /** Loopback unless told otherwise: there is no authentication at this door yet. */
  HTTP_HOST: z.string().default('127.0.0.1'),
  /** Names by which the API may be asked, beside loopback's and HTTP_HOST: `host` or `host:port`. */
  HTTP_ALLOWED_HOSTS: listField().refine((entries) => entries.every(isHostEntry), {
    error: 'must be hosts, such as sluice.example or sluice.example:8080, with commas',
  }),
  /** 0 picks a free port. */
  HTTP_PORT: integerField(0, 65_535, 8080),
  /** Largest body that is taken in, in bytes. */
  BODY_MAX_BYTES: integerField(1_024, 1_073_741_824, 25 * 1024 * 1024),
  /** A body that takes longer than this to arrive is given up, in seconds. */
  BODY_TIMEOUT_SECONDS: integerField(1, 600, 30),
  /** An address below a registry in a lockfile needs no pin. Without registries every address does. */
  ...registryConfig,
  /** Document of the scopes beside `default`, of which only the names count here; the aggregator's. */
  SCOPES_FILE: z.string().optional(),
  /** Submissions that may wait for the broker to come back; more are refused until it is. */
  OUTBOX_MAX: integerField(1, 1_000_000, 10_000),
});
export type GatewayConfig = z.infer<typeof gatewayConfig>;
