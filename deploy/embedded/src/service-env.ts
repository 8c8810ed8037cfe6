import { databaseUrlFile, natsKeyFile, postgresUsers } from '@sluice/rights';
import type { Env } from '@sluice/runtime';
import type { NpmSettings } from './npm-settings.ts';
import type { StateFolder } from './state-folder.ts';

/** Addresses that the stack has found, started or chosen. */
export interface StackAddresses {
  natsUrl: string;
  /** Folder with the services' seeds for NATS; null for one that knows its clients by what the environment has. */
  natsKeysFolder: string | null;
  databaseUrl: string;
  /** Folder with the services' addresses of the database; null for one address for all. */
  databaseUrlsFolder: string | null;
  npm: Pick<NpmSettings, 'registryUrl' | 'settings'>;
  /** REGISTRIES, of what other package managers than npm are configured with; null where it is set, or for none. */
  registries: string | null;
  /** Where the credentials of npm's registries are; null for none. */
  npmCredentialsFile: string | null;
  /** Where the key of this machine's user is; null for an API that asks for none. */
  apiKeyFile: string | null;
  /** Where the key is that secrets of webhooks are made of; null where the environment has one. */
  hookKeyFile: string | null;
  /** Where the key is that secrets of webhooks are sealed with; null where the environment has one. */
  secretsKeyFile: string | null;
  /** Where the keys are that decisions are signed with; null where the environment has some. */
  signingKeysFile: string | null;
  /** Of the API and of the gate. */
  host: string;
  apiPort: number;
  gatePort: number;
}

/**
 * The environment of a service: that of the launcher, overridden by the stack's own values. This is the one place
 * that knows both sides.
 */
export function serviceEnv(
  service: string,
  { env, state, addresses }: { env: Env; state: StateFolder; addresses: StackAddresses },
): Env {
  const { databaseUrl, databaseUrlsFolder, natsKeysFolder, apiKeyFile, hookKeyFile, signingKeysFile } =
    addresses;
  const { npm, registries, npmCredentialsFile } = addresses;
  return {
    ...env,
    ...npm.settings,
    ...(registries === null ? {} : { REGISTRIES: registries }),
    ...(npmCredentialsFile === null ? {} : { NPM_CREDENTIALS_FILE: npmCredentialsFile }),
    NATS_URL: addresses.natsUrl,
    // By file: the environment of a process is easier to come by than a file of its owner.
    ...(natsKeysFolder === null ? {} : natsCredentials(natsKeyFile(natsKeysFolder, service))),
    ...(databaseUrlsFolder === null
      ? { DATABASE_URL: databaseUrl, DATABASE_URL_FILE: undefined }
      : databaseAddress(databaseUrlsFolder, service)),
    ARTIFACTS_DIR: env['ARTIFACTS_S3_URL'] ? undefined : env['ARTIFACTS_DIR'] || state.artifacts,
    SPANS_DIR: env['SPANS_DIR'] || state.spans,
    NPM_REGISTRY_URL: npm.registryUrl,
    ...(apiKeyFile === null ? { ACCESS: 'open' } : { LOCAL_KEY: undefined, LOCAL_KEY_FILE: apiKeyFile }),
    ...(hookKeyFile === null ? {} : { HOOK_KEY_FILE: hookKeyFile }),
    ...(addresses.secretsKeyFile === null ? {} : { SECRETS_KEY_FILE: addresses.secretsKeyFile }),
    ...(signingKeysFile === null ? {} : { SIGNING_KEYS_FILE: signingKeysFile }),
    GIT_WORK_DIR: env['GIT_WORK_DIR'] || state.clones,
    HTTP_HOST: addresses.host,
    HTTP_PORT: String(addresses.apiPort),
    GATE_HOST: addresses.host,
    GATE_PORT: String(addresses.gatePort),
    GATE_DIR: state.gate,
    LOG_LEVEL: env['LOG_LEVEL'] || 'info',
    // Several services in one process, or processes with a port that the stack gives them.
    HEALTH_PORT: undefined,
  };
}

/** A service that has no user at the database gets no address of it. */
const databaseAddress = (folder: string, service: string): Env => ({
  DATABASE_URL: undefined,
  DATABASE_URL_FILE: (postgresUsers as readonly string[]).includes(service)
    ? databaseUrlFile(folder, service)
    : undefined,
  MIGRATE: 'check',
});

/** A service shows its own seed, and nothing that the launcher was given for all. */
const natsCredentials = (seedFile: string): Env => ({
  NATS_TOKEN: undefined,
  NATS_TOKEN_FILE: undefined,
  NATS_CREDS: undefined,
  NATS_CREDS_FILE: undefined,
  NATS_NKEY: undefined,
  NATS_NKEY_FILE: seedFile,
});
