import { fileURLToPath } from 'node:url';
import { stageServices } from '@sluice/contracts';
import { killStack, startStack, stackServices, stateFolder, type Stack } from '@sluice/embedded';
import { createPostgres } from '@sluice/postgres';
import type { Env } from '@sluice/runtime';
import { childRecords, freePort } from '@sluice/servers';
import type { Contestant } from './contestant.ts';
import { openScratch, type Scratch } from './scratch.ts';

export interface Sluice extends Contestant {
  stack: Stack;
  scratch: Scratch;
  /** Variables of the services. */
  env: Env;
}

export interface SluiceOptions {
  natsServer?: string | undefined;
  /** Services that are not started. */
  without?: string[];
}

/** Entry point of a stage that finds its evidence ready. */
export const stageEntry = (name: string) => fileURLToPath(new URL(`stages/${name}.js`, import.meta.url));

/**
 * Starts the real services, a process each, on servers and data of their own; the stages are delivered to like the
 * real ones and find their evidence ready. Logs and traces are those of a busy installation: warnings, and no trace
 * recorded; peers log and trace nothing.
 */
export async function startSluice(options: SluiceOptions): Promise<Sluice> {
  const scratch = await openScratch();
  const { folder } = scratch;
  const services = stackServices
    .filter(({ name }) => !options.without?.includes(name))
    .map((service) =>
      (stageServices as readonly string[]).includes(service.name)
        ? { ...service, entry: stageEntry(service.name) }
        : service,
    );
  const env = {
    ...process.env,
    ...(options.natsServer ? { SLUICE_NATS_SERVER: options.natsServer } : {}),
    NPM_REGISTRY_URL: 'https://registry.example/',
    ADVISORIES_URL: 'off',
    LOG_LEVEL: 'warn',
    OTEL_TRACES_SAMPLER_ARG: '0',
  };
  // Also a stack that is half started when the run is interrupted.
  scratch.onClose(() => killStack(folder));
  try {
    const ports = { port: await freePort(), gatePort: await freePort() };
    const stack = await startStack({ stateFolder: folder, services, env, split: true, open: true, ...ports });
    scratch.onClose(() => stack.stop());
    const sql = createPostgres({ url: stack.info.databaseUrl, service: 'bench', schema: 'public', pool: 4 });
    scratch.onClose(() => sql.end({ timeout: 2 }));
    return {
      name: 'sluice',
      submitUrl: `${stack.info.apiUrl}/v1/requests`,
      requests: 'read.requests',
      sql,
      stack,
      scratch,
      env,
      processes: () => childRecords(stateFolder(folder).childrenFile).alive(),
      stop: () => scratch.close(),
    };
  } catch (error) {
    await scratch.close();
    throw error;
  }
}
