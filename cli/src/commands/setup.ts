import type { Command } from 'commander';
import { say } from '../connect.ts';
import { outputCommand } from '../options.ts';
import { plural, print, type OutputOptions } from '../output.ts';

interface NatsOptions {
  keys: string;
  apply?: boolean;
}

interface PostgresOptions {
  passwords: string;
  database: string;
  prefix?: string;
}

const prefixOption = ['--prefix <name>', 'before the names of roles; sluice unless given'] as const;

/** `sluice setup nats`, `sluice setup postgres` and `sluice migrate`: what a deployment needs before its services start. */
export function setupCommands(program: Command): void {
  const setup = program
    .command('setup')
    .description('settings of the servers of a deployment, for each service its own user');
  setup
    .command('nats')
    .description('print the users of NATS with their rights, as nats-server reads them, and make their keys')
    .option('--keys <folder>', 'of the users’ seeds, which are made when they are not there', 'nats-keys')
    .option('--apply', 'make streams and buckets at NATS_URL, as the user operator, instead of printing')
    .action(setupNats);
  setup
    .command('postgres')
    .description('print the roles and schemas of Postgres as SQL, and make their passwords')
    .option(
      '--passwords <folder>',
      'of the roles’ passwords, which are made when they are not there',
      'database-users',
    )
    .option('--database <name>', 'the database', 'sluice')
    .option(...prefixOption)
    .action(setupPostgres);
  outputCommand(program, 'migrate')
    .description('make and change the tables of all services in the database that DATABASE_URL names')
    .option(...prefixOption)
    .action(migrateDatabase);
}

async function setupNats({ keys, apply }: NatsOptions): Promise<void> {
  const { keepNatsKeys, natsAuthorization, natsKeyFile } = await import('@sluice/rights');
  const publicKeys = await keepNatsKeys(keys);
  if (!apply) return void process.stdout.write(`${natsAuthorization(publicKeys)}\n`);
  const { readFile } = await import('node:fs/promises');
  const { busOptionsOf, connectBus, ensureTopology } = await import('@sluice/broker');
  const { createLogger, natsConfigOf } = await import('@sluice/runtime');
  const bus = await connectBus({
    ...busOptionsOf(natsConfigOf(process.env)),
    nkey: await readFile(natsKeyFile(keys, 'operator'), 'utf8'),
    service: 'operator',
    instance: String(process.pid),
    log: createLogger('cli', 'warn'),
  });
  try {
    await ensureTopology(bus);
  } finally {
    await bus.close();
  }
  say('Streams and buckets are there.');
}

async function setupPostgres({ passwords: folder, database, prefix }: PostgresOptions): Promise<void> {
  const { keepPostgresPasswords, postgresSetupSql } = await import('@sluice/rights');
  const passwords = await keepPostgresPasswords(folder);
  process.stdout.write(`${postgresSetupSql({ database, passwords, prefix })}\n`);
}

async function migrateDatabase({ prefix, ...output }: OutputOptions & { prefix?: string }): Promise<void> {
  const { CommandError, exitCodes } = await import('../exit-codes.ts');
  const { databaseUrlOf } = await import('@sluice/runtime');
  const url = databaseUrlOf(process.env);
  if (url === null)
    throw new CommandError(
      exitCodes.usage,
      'DATABASE_URL names no database.',
      'Set it, or DATABASE_URL_FILE; `npm start` migrates by itself.',
      { code: 'config.invalid' },
    );
  const { migrateInstallation } = await import('@sluice/embedded');
  const { createPostgres } = await import('@sluice/postgres');
  const sql = createPostgres({
    url,
    service: 'migrate',
    schema: 'public',
    pool: 1,
    statementTimeoutMs: 3_600_000,
  });
  try {
    const applied = await migrateInstallation(sql, { prefix });
    print(output, { applied }, (done) =>
      done.applied.length === 0
        ? 'The tables are up to date.\n'
        : `${plural(done.applied.length, 'migration')} applied.\n`,
    );
  } finally {
    await sql.end({ timeout: 5 });
  }
}
