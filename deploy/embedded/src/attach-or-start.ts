import { setTimeout as delay } from 'node:timers/promises';
import { readRunning, type RunInfo } from './run-file.ts';
import type { StackOptions } from './start-stack.ts';
import { stateFolder, type StateFolder } from './state-folder.ts';

export interface AttachedStack {
  info: RunInfo;
  /** False when it was started for this command. */
  attached: boolean;
  /** Stops a stack that was started for this command; one that ran before goes on. */
  release(): Promise<void>;
}

const POLL_MS = 100;

/** The services are all of them unless given. */
type Options = Omit<StackOptions, 'services'> & Partial<Pick<StackOptions, 'services'>>;

/** The stack that runs in this folder, or else one in this process for as long as the command needs it. */
export async function attachOrStart(options: Options): Promise<AttachedStack> {
  const running = await findRunning(stateFolder(options.stateFolder));
  if (running) return { info: running, attached: true, release: async () => undefined };
  options.onStep?.('Sluice does not run here yet; starting it for this command …');
  // Only now: beside a running stack, a command would take longer to load the services than to do its work.
  const [{ startStack }, { stackServices }] = await Promise.all([
    import('./start-stack.ts'),
    import('./services.ts'),
  ]);
  const stack = await startStack({ services: stackServices, ...options });
  return { info: stack.info, attached: false, release: () => stack.stop() };
}

/** The stack that runs in this folder once it is ready, or null when there is none. */
export async function findRunning(state: StateFolder): Promise<RunInfo | null> {
  for (let running = await readRunning(state); running !== null; running = await readRunning(state)) {
    if (running.state === 'ready') return running;
    // Another process is starting it; it becomes ready or it ends.
    await delay(POLL_MS);
  }
  return null;
}
