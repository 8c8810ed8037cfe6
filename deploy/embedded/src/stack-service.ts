import {
  startService,
  type Env,
  type Logger,
  type RunningService,
  type ServiceDefinition,
} from '@sluice/runtime';
import type { z } from 'zod';

/** A service as the stack sees it: startable in this process, or as a process from its entry point. */
export interface StackService {
  name: string;
  /** Compiled entry point of the service as a process of its own. */
  entry: string;
  /** The environment variables that it reads. */
  config: z.ZodType;
  /** Whether the others go first when the machine is busy, where it is a process of its own. */
  yields?: boolean;
  start(env: Env, log: Logger): Promise<RunningService>;
}

/** Hides the type of the configuration, so that different services fit into one list. */
export function stackService<Config>(
  definition: ServiceDefinition<Config>,
  entry: string,
  { yields = false } = {},
): StackService {
  const { name, config } = definition;
  return { name, entry, config, yields, start: (env, log) => startService(definition, env, { log }) };
}
