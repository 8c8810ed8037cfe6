import type { NatsConfig } from '@sluice/runtime';
import { createPostgres } from '@sluice/postgres';
import { SetupError, readNatsInfo } from '@sluice/servers';

/**
 * Checks an external NATS, so that a wrong address is reported at once.
 * @param options.hasKeys each service has a seed of its own.
 * @throws SetupError when none of the servers answers, they have no JetStream, or they ask for credentials that are not set.
 */
export async function requireNats(config: NatsConfig, { hasKeys = false } = {}): Promise<void> {
  const servers = config.NATS_URL.split(',').map(
    (server) => new URL(server.trim().includes('://') ? server.trim() : `nats://${server.trim()}`),
  );
  const infos = await Promise.all(
    servers.map((server) => readNatsInfo(server.hostname, Number(server.port || 4222))),
  );
  const names = servers.map(({ host }) => host).join(', ');
  if (infos.every((info) => info === null)) {
    throw new SetupError(
      `NATS_URL is set, but nothing answers at ${names}.`,
      'Start that NATS server, or unset NATS_URL to have one started.',
    );
  }
  if (infos.every((info) => info?.jetstream !== true)) {
    throw new SetupError(
      `The NATS server at ${names} has no JetStream.`,
      'Start it with -js, or unset NATS_URL to have one started.',
    );
  }
  const isClosed = infos.every((info) => info === null || info.auth_required === true);
  const { NATS_TOKEN: token, NATS_CREDS: creds, NATS_NKEY: nkey } = config;
  if (isClosed && !hasKeys && !token && !creds && !nkey && servers.every(({ username }) => username === '')) {
    throw new SetupError(
      `The NATS server at ${names} asks for a token, or who its clients are.`,
      'Set NATS_KEYS_DIR, NATS_TOKEN, NATS_CREDS_FILE, NATS_NKEY_FILE, or user and password in NATS_URL; or unset NATS_URL to have a NATS started.',
    );
  }
}

/**
 * Checks an external Postgres.
 * @throws SetupError with Postgres' reason when it cannot be used.
 */
export async function requirePostgres(databaseUrl: string): Promise<void> {
  const sql = createPostgres({ url: databaseUrl, service: 'setup', schema: 'public', pool: 1 });
  try {
    await sql`select 1`;
  } catch (error) {
    const { host, pathname } = new URL(databaseUrl);
    throw new SetupError(
      `DATABASE_URL is set, but ${host}${pathname} cannot be used: ${(error as Error).message}.`,
      'Correct it, or unset DATABASE_URL to have a Postgres started.',
      { cause: error },
    );
  } finally {
    await sql.end({ timeout: 1 });
  }
}
