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

/** NATS: addresses, credentials, and the settings of its streams. */
export const natsConfig = {
  /** Several servers with commas; user and password may stand in it. */
  NATS_URL: z
    .string()
    .default('nats://127.0.0.1:4222')
    .refine((text) => text.split(',').every(isNatsServer), {
      error: 'must be addresses such as nats://nats.example:4222, with commas',
    }),
  NATS_TOKEN: z.string().optional(),
  /** Text of a credentials file; NATS_CREDS_FILE names the file. */
  NATS_CREDS: z.string().optional(),
  /** Seed of an nkey. */
  NATS_NKEY: z.string().optional(),
  /** Certificate authorities as PEM, instead of those that Node trusts. */
  NATS_CA: z.string().optional(),
  /** The client's own certificate as PEM, for a NATS that asks for one, and its key. */
  NATS_CERT: z.string().optional(),
  NATS_CERT_KEY: z.string().optional(),
  /** Copies of each stream and bucket in a cluster. */
  NATS_REPLICAS: integerField(1, 5, 1),
  /** Tags that a node must have to keep them, with commas. */
  NATS_PLACEMENT_TAGS: listField(),
  /** Room for events; a full stream takes no more. */
  EVENTS_MAX_BYTES: integerField(1_048_576, Number.MAX_SAFE_INTEGER, 20 * 1024 ** 3),
  /** How long events are kept. */
  EVENTS_MAX_DAYS: integerField(1, 36_500, 90),
};
export type NatsConfig = z.infer<z.ZodObject<typeof natsConfig>>;

function isNatsServer(server: string): boolean {
  const text = server.trim();
  return URL.canParse(text.includes('://') ? text : `nats://${text}`);
}

/** Variables that every service reads. */
export const commonConfig = {
  ...natsConfig,
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** Name of this instance in logs, attempts and worker lists; the host name and process id by default. */
  INSTANCE: z.string().optional(),
};

/** Variables of services with state. */
export const postgresConfig = {
  DATABASE_URL: urlField('postgres', 'postgresql'),
  /** Connections that this service may open at once. */
  DATABASE_POOL: integerField(1, 100, 6),
  /** Whether the service makes and changes its tables at its start, or only looks whether they are there. */
  MIGRATE: z.enum(['auto', 'check']).default('auto'),
};
export type PostgresConfig = z.infer<z.ZodObject<typeof postgresConfig>>;

/** Variables of services that read or write the artifact store. */
export const artifactsConfig = {
  /** Folder of the artifact store. */
  ARTIFACTS_DIR: z.string().optional(),
  /** In place of a folder: address of a bucket, https://s3.example/bucket/prefix. */
  ARTIFACTS_S3_URL: urlField('https', 'http').optional(),
  ARTIFACTS_S3_REGION: z.string().default('us-east-1'),
  /** Credentials of the bucket. */
  ARTIFACTS_S3_KEY_ID: z.string().optional(),
  ARTIFACTS_S3_SECRET: z.string().optional(),
  /** How the server encrypts what it keeps; as the bucket is set up unless given. */
  ARTIFACTS_S3_ENCRYPTION: z.enum(['AES256', 'aws:kms']).optional(),
};
export type ArtifactsConfig = z.infer<z.ZodObject<typeof artifactsConfig>>;

/** How the outside is reached. */
export const wayOutConfig = {
  /** Certificate authorities as PEM, trusted beside those that Node trusts. */
  EGRESS_CA: z.string().optional(),
  /** The proxy to the outside. */
  EGRESS_PROXY: urlField('http', 'https').optional(),
  /** Hosts that are reached without the proxy, with commas, as in NO_PROXY. */
  EGRESS_NO_PROXY: listField(),
  /** Usual names of EGRESS_PROXY and EGRESS_NO_PROXY. */
  HTTPS_PROXY: urlField('http', 'https').optional(),
  NO_PROXY: listField(),
};
type WayOutConfig = z.infer<z.ZodObject<typeof wayOutConfig>>;

/** Variables of services that fetch from the outside. */
export const egressConfig = {
  /** Further hosts that may be fetched from, with commas. */
  EGRESS_ALLOW_HOSTS: listField(),
  ...wayOutConfig,
};
export type EgressConfig = z.infer<z.ZodObject<typeof egressConfig>>;

/** How a service reaches the outside, as its egress takes it. */
export function egressOptions(config: EgressConfig): WayOut & { allowHosts: string[] } {
  return { allowHosts: config.EGRESS_ALLOW_HOSTS, ...wayOut(config) };
}

interface WayOut {
  ca: string | undefined;
  proxy: { url: string; except: string[] } | undefined;
}

/** How a service reaches the outside whose hosts have a list of their own. */
export function wayOut(config: WayOutConfig): WayOut {
  const url = config.EGRESS_PROXY ?? config.HTTPS_PROXY;
  const except = config.EGRESS_NO_PROXY.length > 0 ? config.EGRESS_NO_PROXY : config.NO_PROXY;
  return { ca: config.EGRESS_CA, proxy: url ? { url, except } : undefined };
}
