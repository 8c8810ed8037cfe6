import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startStack, stackServices, type Stack } from '@sluice/embedded';
import { createPostgres } from '@sluice/postgres';
import type { Env } from '@sluice/runtime';
import type { Contestant } from './contestant.ts';

export interface Sluice extends Contestant {
  stack: Stack;
  /** Everything that the stack keeps. */
  folder: string;
}

export interface SluiceOptions {
  /** `no-work`: stages that are delivered to like the real ones and find their evidence ready. */
  stages: 'real' | 'no-work';
  natsServer?: string | undefined;
  /** Variables of the services. */
  env?: Env;
}

const entryOf = (name: string) => fileURLToPath(new URL(`stages/${name}.js`, import.meta.url));
const stageServices = ['license', 'downloader', 'scanner'];

/**
 * Starts the real services, a process each, on servers and data of their own. Logs and traces are at what a busy
 * installation has: warnings, and no trace recorded; peers log and trace nothing.
 */
export async function startSluice(options: SluiceOptions): Promise<Sluice> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-bench-'));
  // Postgres runs as another user when this runs as root, and must be able to enter.
  await chmod(folder, 0o711);
  const services = stackServices.map((service) =>
    options.stages === 'no-work' && stageServices.includes(service.name)
      ? { ...service, entry: entryOf(service.name) }
      : service,
  );
  const env = {
    ...process.env,
    ...(options.natsServer ? { SLUICE_NATS_SERVER: options.natsServer } : {}),
    NPM_REGISTRY_URL: 'https://registry.example/',
    ADVISORIES_URL: 'off',
    LOG_LEVEL: 'warn',
    OTEL_TRACES_SAMPLER_ARG: '0',
    ...options.env,
  };
  const stack = await startStack({ stateFolder: folder, services, env, split: true });
  const sql = createPostgres({ url: stack.info.databaseUrl, service: 'bench', schema: 'public', pool: 4 });
  return {
    name: 'sluice',
    submitUrl: `${stack.info.apiUrl}/v1/requests`,
    requests: 'read.requests',
    sql,
    stack,
    folder,
    async stop() {
      await sql.end({ timeout: 2 });
      await stack.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
