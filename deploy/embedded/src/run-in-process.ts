import { openSync } from 'node:fs';
import { createLogger, LogFile, type Env } from '@sluice/runtime';
import { SetupError } from '@sluice/servers';
import type { StackService } from './stack-service.ts';
import type { StateFolder } from './state-folder.ts';
import type { Part } from './stop-in-order.ts';

/** A running service of the stack. */
export interface ServicePart extends Part {
  /** True when the service says that all it needs is there. */
  isReady(): Promise<boolean>;
  /** Where its health can be read over HTTP. */
  healthUrl?: string;
}

/** Starts a service inside this process; its log goes to its own file. */
export async function runInProcess(
  service: StackService,
  env: Env,
  state: StateFolder,
): Promise<ServicePart> {
  const output = new LogFile(openSync(state.logFile(service.name), 'a', 0o600));
  const log = createLogger(service.name, env['LOG_LEVEL'] ?? 'info', output);
  try {
    const running = await service.start(env, log);
    return {
      name: service.name,
      isReady: async () => (await running.health.report()).ready,
      async stop() {
        await running.stop();
        output.close();
      },
    };
  } catch (error) {
    output.close();
    const reason = error instanceof Error ? error.message : String(error);
    throw new SetupError(
      `${service.name} cannot start: ${reason}`,
      `Its log is ${state.logFile(service.name)}.`,
      { cause: error },
    );
  }
}
