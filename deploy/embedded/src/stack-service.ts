import {
  startService,
  type Env,
  type Logger,
  type RunningService,
  type ServiceDefinition,
} from '@sluice/runtime';

/** A service as the stack sees it: startable in this process, or as a process from its entry point. */
export interface StackService {
  name: string;
  /** Compiled entry point of the service as a process of its own. */
  entry: string;
  start(env: Env, log: Logger): Promise<RunningService>;
}

/** Hides the type of the configuration, so that different services fit into one list. */
export function stackService<Config>(definition: ServiceDefinition<Config>, entry: string): StackService {
  return { name: definition.name, entry, start: (env, log) => startService(definition, env, { log }) };
}
