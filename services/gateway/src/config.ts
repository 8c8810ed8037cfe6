import {
  artifactsConfig,
  commonConfig,
  integerField,
  isHostEntry,
  listField,
  postgresConfig,
  scopedRegistriesField,
  urlField,
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
  /** The npm registry: an address below it in a lockfile needs no pin. Without it every address does. */
  NPM_REGISTRY_URL: urlField('https', 'http').optional(),
  /** Further addresses that stand for that registry in lockfiles, with commas; nothing is fetched from them. */
  NPM_REGISTRY_ALIASES: listField(),
  /** Registries of scopes: an address below one needs no pin for a package of its scope, and no other address does. */
  NPM_SCOPED_REGISTRIES: scopedRegistriesField(),
  /** Submissions that may wait for the broker to come back; more are refused until it is. */
  OUTBOX_MAX: integerField(1, 1_000_000, 10_000),
});
export type GatewayConfig = z.infer<typeof gatewayConfig>;
