import { registryConfig } from '@sluice/ecosystems/settings';
import { groupRulesField, trustRulesField } from '@sluice/identity';
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
  urlField,
} from '@sluice/runtime';
import { isAddressEntry } from './http/client-address.ts';
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
  /** The address by which people reach the API, for their sign-in. */
  PUBLIC_URL: urlField('https', 'http').optional(),
  /** The provider by which people sign in (OpenID Connect), as its tokens name it. */
  OIDC_ISSUER: urlField('https', 'http').optional(),
  OIDC_CLIENT_ID: z.string().optional(),
  /** OIDC_CLIENT_SECRET_FILE names the file. */
  OIDC_CLIENT_SECRET: z.string().optional(),
  /** Scopes that the provider is asked for, with blanks. */
  OIDC_SCOPE: z.string().default('openid profile email'),
  /** The claim with the groups of a person: its name, or a path to it, such as /resource_access/sluice/roles. */
  OIDC_GROUPS_CLAIM: z.string().default('groups'),
  /** The claim with the name under which acts of a person are recorded. */
  OIDC_NAME_CLAIM: z.string().default('email'),
  /** Roles and scopes of groups' members, as a JSON list. */
  OIDC_GROUPS: groupRulesField(),
  /** People who are admins without a group: `issuer|subject`, with commas. */
  ADMIN_SUBJECTS: listField().refine((entries) => entries.every((entry) => /^[^|]+\|[^|]+$/.test(entry)), {
    error: 'must be people as issuer|subject, with commas',
  }),
  /** A session that is not used for so long has ended. */
  SESSION_IDLE_MINUTES: integerField(1, 10_080, 480),
  /** A session ends after this, however much it is used. */
  SESSION_HOURS: integerField(1, 168, 24),
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
  /** Proxies before the API, whose X-Forwarded-For counts: addresses or networks, with commas. */
  HTTP_TRUSTED_PROXIES: listField().refine((entries) => entries.every(isAddressEntry), {
    error: 'must be addresses or networks, such as 10.0.0.7 or 10.0.0.0/8, with commas',
  }),
  /** Requests and batches that a principal may submit in a scope, a sixth of them in ten seconds. */
  QUOTA_SUBMIT_PER_MINUTE: integerField(1, 1_000_000, 120),
  /** Refreshes of projects, beside the quota of each project. */
  QUOTA_REFRESH_PER_HOUR: integerField(1, 1_000_000, 120),
  /** Approvals and rejections, waivers, and pages of policies that are tried. */
  QUOTA_DECIDE_PER_MINUTE: integerField(1, 1_000_000, 120),
  /** Keys that are made or revoked. */
  QUOTA_KEYS_PER_HOUR: integerField(1, 1_000_000, 120),
  /** Tests, replays and redeliveries of webhooks. */
  QUOTA_WEBHOOK_PER_MINUTE: integerField(1, 1_000_000, 60),
  /** Streams of events that are opened. */
  QUOTA_STREAMS_PER_MINUTE: integerField(1, 1_000_000, 60),
  /** Steps of sign-ins and exchanged tokens, from one address. */
  QUOTA_AUTH_PER_MINUTE: integerField(1, 1_000_000, 60),
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

/** Sent over plain http, a code or a session could be read on its way. */
const isSafe = (address: string | undefined) =>
  address === undefined ||
  new URL(address).protocol === 'https:' ||
  isLoopbackHost(new URL(address).hostname);

export const gatewayConfig = fields
  .refine(({ HTTP_TLS_CERT, HTTP_TLS_KEY }) => areBoth(HTTP_TLS_CERT, HTTP_TLS_KEY), {
    path: ['HTTP_TLS_CERT'],
    error: 'needs HTTP_TLS_KEY, and the other way about',
  })
  .refine(mayBeOpen, {
    path: ['ACCESS'],
    error:
      'open lets whoever reaches HTTP_HOST do everything. Leave it out, and make keys with `sluice admin key` or let people sign in (OIDC_ISSUER); or let HTTP_HOST be 127.0.0.1',
  })
  .refine(
    ({ OIDC_ISSUER: issuer, OIDC_CLIENT_ID: id, OIDC_CLIENT_SECRET: secret, PUBLIC_URL: address }) =>
      issuer === undefined ? !id && !secret : Boolean(id && secret && address),
    {
      path: ['OIDC_ISSUER'],
      error: 'needs OIDC_CLIENT_ID, OIDC_CLIENT_SECRET and PUBLIC_URL, and the other way about',
    },
  )
  .refine(({ OIDC_ISSUER }) => isSafe(OIDC_ISSUER), {
    path: ['OIDC_ISSUER'],
    error: 'must be https, unless it is on this machine',
  })
  .refine(({ PUBLIC_URL }) => isSafe(PUBLIC_URL), {
    path: ['PUBLIC_URL'],
    error: 'must be https, unless it is on this machine',
  });
export type GatewayConfig = z.infer<typeof gatewayConfig>;
