import { registryConfig } from '@sluice/ecosystems/settings';
import { trustRulesField } from '@sluice/identity';
import {
  areBoth,
  artifactsConfig,
  commonConfig,
  egressConfig,
  integerField,
  isHostEntry,
  isLoopbackHost,
  listField,
  postgresConfig,
} from '@sluice/runtime';
import { z } from 'zod';

const fields = z.object({
  ...commonConfig,
  ...postgresConfig,
  ...artifactsConfig,
  /** `keys`: each request shows a key. `open`: each request may do everything; on loopback only. */
  ACCESS: z.enum(['keys', 'open']).default('keys'),
  /** The key of this machine's user, who has all rights; LOCAL_KEY_FILE names the file. It counts on this machine only. */
  LOCAL_KEY: z.string().min(32, 'must have 32 characters or more').optional(),
  /** Which tokens of build systems are exchanged for a key, as a JSON list. */
  TRUST_RULES: trustRulesField(),
  /** What secrets of webhooks of git hosts are made of; HOOK_KEY_FILE names the file. The same for all replicas. */
  HOOK_KEY: z.string().min(32, 'must have 32 characters or more').optional(),
  /**
   * Private keys as PEM that decisions are signed with, by file SIGNING_KEYS_FILE: the first signs, those behind it verify statements
   * from before. The same for all replicas.
   */
  SIGNING_KEYS: z.string().optional(),
  HTTP_HOST: z.string().default('127.0.0.1'),
  /** Names by which the API may be asked, beside loopback's and HTTP_HOST: `host` or `host:port`. */
  HTTP_ALLOWED_HOSTS: listField().refine((entries) => entries.every(isHostEntry), {
    error: 'must be hosts, such as sluice.example or sluice.example:8080, with commas',
  }),
  /** Certificate of the API with its chain as PEM, and its key; with both it speaks https. */
  HTTP_TLS_CERT: z.string().optional(),
  HTTP_TLS_KEY: z.string().optional(),
  /** 0 picks a free port. */
  HTTP_PORT: integerField(0, 65_535, 8080),
  /** Largest body that is taken in, in bytes. */
  BODY_MAX_BYTES: integerField(1_024, 1_073_741_824, 25 * 1024 * 1024),
  /** A body that takes longer than this to arrive is given up, in seconds. */
  BODY_TIMEOUT_SECONDS: integerField(1, 600, 30),
  /** An address below a registry in a lockfile needs no pin. Without registries every address does. */
  ...registryConfig,
  ...egressConfig,
  /** Document of the scopes beside `default`, of which only the names count here; the aggregator's. */
  SCOPES_FILE: z.string().optional(),
  /** Submissions that may wait for the broker to come back; more are refused until it is. */
  OUTBOX_MAX: integerField(1, 1_000_000, 10_000),
});

/** Others would reach an open door: it is for this machine alone. */
const mayBeOpen = ({ ACCESS, HTTP_HOST }: { ACCESS: string; HTTP_HOST: string }) =>
  ACCESS !== 'open' || isLoopbackHost(HTTP_HOST);

export const gatewayConfig = fields
  .refine(({ HTTP_TLS_CERT, HTTP_TLS_KEY }) => areBoth(HTTP_TLS_CERT, HTTP_TLS_KEY), {
    path: ['HTTP_TLS_CERT'],
    error: 'needs HTTP_TLS_KEY, and the other way about',
  })
  .refine(mayBeOpen, {
    path: ['ACCESS'],
    error:
      'open lets whoever reaches HTTP_HOST do everything: leave it out and make keys with `sluice admin key`, or let HTTP_HOST be 127.0.0.1',
  });
export type GatewayConfig = z.infer<typeof gatewayConfig>;
